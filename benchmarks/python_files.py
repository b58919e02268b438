"""Measures what DAG code costs, on real files, in one run, and prints each ratio beside its target.

    python benchmarks/python_files.py --cache ~/.cache/mwaalint-benchmark
    python benchmarks/python_files.py --cache FOLDER --rounds 5 --strict

The files come from packages on PyPI and are kept in the cache folder. The commands of one comparison take turns, their
medians count, and the bare loop has as many processes as mwaalint. Peers that are not installed are named as such.
With --strict, a target that is missed makes the exit code 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import corpus
from benchmarks.run import mwaalint, seconds, tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PARSE = """\
import ast, sys, warnings
from multiprocessing import Pool
from pathlib import Path

def parse(path):
    try:
        ast.parse(path.read_bytes())
    except SyntaxError:
        pass

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with Pool(int(sys.argv[2])) as pool:
        for _ in pool.imap(parse, sorted(Path(sys.argv[1]).rglob("*.py")), chunksize=16):
            pass
"""
# The largest of a command's processes, in KiB.
PEAK = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
)
QUEUED = 'from airflow import DAG\nfrom airflow.operators.bash import BashOperator\nwith DAG("d{0}", schedule=None):\n'
TASK = '    BashOperator(task_id="t{0}", bash_command="true", queue="own")\n'
MANY = 10_000
SERIES = (250, 500, 1_000, 2_000)


class Ratio(NamedTuple):
    """What was measured and its target: at most this, or at least where ``floor``. None: could not be measured."""

    name: str
    value: float | None
    target: float
    floor: bool = False
    unit: str = "×"

    @property
    def holds(self) -> bool:
        """Whether the target is met; what could not be measured misses none."""
        if self.value is None:
            return True
        return self.value >= self.target if self.floor else self.value <= self.target


def main() -> int:
    """Runs the comparisons and prints them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, required=True, help="where packages and what is made of them are kept")
    parser.add_argument("--rounds", type=int, default=5, help="how often each command runs (the median counts)")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes there are on both sides")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a target is missed")
    options = parser.parse_args()
    root = corpus.project(options.cache.absolute())
    files, lines = corpus.size(root)
    print(f"{files:,} files, {lines:,} lines, {options.jobs} processes, Python {sys.version.split()[0]}")
    ratios: list[Ratio] = []
    with tempfile.TemporaryDirectory() as folder:
        for measured in (
            cold(root, options.jobs, options.rounds),
            peers(root, options.jobs),
            warm(root, options.jobs, options.rounds, Path(folder)),
            doubling(root, options.jobs, options.rounds, Path(folder, "series")),
            memory(root, options.jobs, Path(folder, "memory")),
        ):
            for ratio in measured:
                print(shown(ratio), flush=True)
                ratios.append(ratio)
    enough = files >= corpus.FEWEST_FILES and lines >= corpus.FEWEST_LINES
    return int(options.strict and not (enough and all(ratio.holds for ratio in ratios)))


def shown(ratio: Ratio) -> str:
    """A ratio as a line of the table."""
    wanted = f"{'at least' if ratio.floor else 'at most'} {ratio.target:g} {ratio.unit}"
    if ratio.value is None:
        return f"  {ratio.name:<58} {'not measured':>12}   {wanted}"
    return f"  {ratio.name:<58} {ratio.value:10.2f} {ratio.unit}   {wanted:<18} {'' if ratio.holds else 'MISSED'}"


def medians(commands: Mapping[str, list[str] | None], rounds: int) -> dict[str, float]:
    """The median wall time of each command that there is; they take turns, so drift hits all alike."""
    times: dict[str, list[float]] = {name: [] for name, words in commands.items() if words is not None}
    for _ in range(rounds):
        for name, words in commands.items():
            if words is not None:
                times[name].append(seconds(words))
    return {name: median(taken) for name, taken in times.items()}


def over(times: Mapping[str, float], name: str, base: str) -> float | None:
    """One time as a multiple of another, None where one of them is missing."""
    return times[name] / times[base] if name in times and base in times else None


def check(root: Path, jobs: int, *words: str) -> list[str]:
    """The command that checks a project."""
    return [*mwaalint(), "check", "--jobs", str(jobs), *words, str(root)]


def ruff(root: Path, *words: str) -> list[str] | None:
    """ruff's rules for Airflow on the same files."""
    return tool("ruff", "check", "--isolated", "--preview", "--select", "AIR", *words, str(root / "dags"))


def bare(root: Path, jobs: int) -> list[str]:
    """A loop that only parses."""
    return [sys.executable, "-c", PARSE, str(root / "dags"), str(jobs)]


def cold(root: Path, jobs: int, rounds: int) -> Iterator[Ratio]:
    """Everything from the start, with no cache."""
    commands = {
        "bare": bare(root, jobs),
        "own": check(root, jobs, "--no-cache"),
        "ruff": ruff(root, "--no-cache"),
    }
    times = medians(commands, rounds)
    yield Ratio("cold, over a bare ast.parse loop", over(times, "own", "bare"), 1.5)
    yield Ratio("cold, over ruff check --select AIR --no-cache", over(times, "own", "ruff"), 6)


def peers(root: Path, jobs: int) -> Iterator[Ratio]:
    """The Python linters of DAGs, once each: they take long enough."""
    dags = str(root / "dags")
    commands = {
        "dagruff": tool("dagruff", "--no-cache", dags),
        "daglinter": tool("daglinter", "check", dags),
        "daglint": tool("daglint", "check", dags),
        "airflint": tool("airflint", dags),
        "pylint-airflow": tool(
            *("pylint", f"--jobs={jobs}", "--load-plugins=pylint_airflow", "--disable=all", "--enable=C83", dags),
            needs="pylint_airflow",
        ),
    }
    times = medians({"own": check(root, jobs, "--no-cache"), **commands}, 1)
    for name in commands:
        yield Ratio(f"{name}, over cold", over(times, name, "own"), 3, floor=True)


def warm(root: Path, jobs: int, rounds: int, folder: Path) -> Iterator[Ratio]:
    """With a cache that knows all files, and with one that knows all but one."""
    changed = root / "dags" / "changed.py"
    cached = check(root, jobs, "--cache-dir", str(folder / "own"))
    kept = ruff(root, "--cache-dir", str(folder / "ruff"))
    for words in filter(None, (cached, kept)):
        seconds(words)  # fills it
    times = medians({"cold": check(root, jobs, "--no-cache"), "own": cached, "ruff": kept}, rounds)
    yield Ratio("warm, over cold", over(times, "own", "cold"), 0.2)
    yield Ratio("warm, over ruff with its cache", over(times, "own", "ruff"), 0.8)
    taken: dict[str, list[float]] = {"one": [], "click": []}
    try:
        for number in range(rounds):
            changed.write_text(f"# dag of airflow, {number}\nfrom airflow import DAG\n", encoding="utf-8")
            taken["one"].append(seconds(cached))
            taken["click"].append(seconds([sys.executable, "-c", "import click"]))
    finally:
        changed.unlink(missing_ok=True)
    yield Ratio('one changed file, over "import click"', median(taken["one"]) / median(taken["click"]), 3)


def doubling(root: Path, jobs: int, rounds: int, folder: Path) -> Iterator[Ratio]:
    """Twice the files take at most twice the time."""
    commands = {
        str(files): check(corpus.part(root, folder / str(files), files), jobs, "--no-cache") for files in SERIES
    }
    times = medians(commands, rounds)
    for files in SERIES[1:]:
        yield Ratio(f"{files:,} files, over half of them", over(times, str(files), str(files // 2)), 2.3)


def memory(root: Path, jobs: int, folder: Path) -> Iterator[Ratio]:
    """The largest process for many files, and what a report of many results adds to it."""
    large = corpus.part(root, folder / "large", MANY)
    yield Ratio(f"peak of a process, {MANY:,} files", peak(check(large, jobs, "--no-cache")), 150, unit="MiB")
    few, many = (sarif_costs(folder, results, jobs) for results in (MANY // 100, MANY))
    yield Ratio(f"memory for SARIF of {MANY:,} results, over its size", (many.memory - few.memory) / many.size, 1)


class Sarif(NamedTuple):
    """What SARIF costs: the memory that it takes more than plain lines do, and how large it is, in MiB."""

    memory: float
    size: float


def sarif_costs(folder: Path, results: int, jobs: int) -> Sarif:
    """What a report of so many results costs. A few tell what it takes to work out fixes at all."""
    reported = folder / str(results)
    (reported / "dags").mkdir(parents=True)
    for number in range(results // 50):
        text = QUEUED.format(number) + "".join(TASK.format(task) for task in range(50))
        (reported / "dags" / f"d{number}.py").write_text(text, encoding="utf-8")
    corpus.lay_out(reported)
    plain, sarif = (check(reported, jobs, "--no-cache", "--format", name) for name in ("github", "sarif"))
    size = len(subprocess.run(sarif, capture_output=True, check=False).stdout) / (1024 * 1024)
    return Sarif(peak(sarif) - peak(plain), size)


def peak(words: list[str]) -> float:
    """The peak memory of the largest process of a command, in MiB."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", PEAK, *words], capture_output=True, check=True, env=environment)
    return int(done.stdout) / (1024 * 1024 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    sys.exit(main())
