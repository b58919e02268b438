"""Generates the table airflow3-removed.json from the wheels of Airflow 2 and 3, none of which is run.

    python tools/refresh_removed_names.py --old AIRFLOW2.whl --new 3.0.6=CORE,SDK,STANDARD … --date 2026-11-25

Each --new names a version of Airflow 3 with its wheels: core, Task SDK, standard provider. What the old version lets
code import, and the new one does not, is removed; Airflow's own tables of moved names and removed_names_plan.yaml say
what to write instead. Exit codes: 0 done, 2 the wheels are not what they should be.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from packaging.version import Version

from tools.airflow_surface import Surface, read_surface
from tools.refresh_catalog import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

OUT = Path(__file__).resolve().parent.parent / "mwaalint" / "catalog" / "data" / "tables" / "airflow3-removed.json"
PLAN = Path(__file__).with_name("removed_names_plan.yaml")
SOURCE = "the Python files of apache-airflow {}, and of apache-airflow-core {} with its Task SDK and standard provider"
ABOUT = (
    "What Airflow 3 removed, by the first version of Airflow 3 on MWAA without it: modules with all below them, names,"
    " arguments by class, words of a task's context; and what to write instead."
)
_CLASSES = {
    "DAG": ("airflow.models.dag.DAG", "airflow.sdk.definitions.dag.DAG"),
    "BaseOperator": ("airflow.models.baseoperator.BaseOperator", "airflow.sdk.bases.operator.BaseOperator"),
}
_CONTEXT = ("airflow.utils.context.KNOWN_CONTEXT_KEYS", "airflow.sdk.definitions.context.Context")


def removed(old: Surface, new: Surface, parts: frozenset[str]) -> set[str]:
    """The public names of the old version, "module.name", that the new one lacks."""
    return {name for name in _names(old) if _is_public(name, parts) and not new.has(name)}


def _names(surface: Surface) -> Iterator[str]:
    for module, found in surface.modules.items():
        yield from (f"{module}.{name}" for name in found.defined)
    yield from surface.moved


def _is_public(name: str, parts: frozenset[str]) -> bool:
    words = name.split(".")
    return (len(words) == 2 or words[1] in parts) and not any(word.startswith("_") or word == "*" for word in words)


def shortened(names: Iterable[str], old: Surface, new: Surface) -> tuple[set[str], set[str]]:
    """The highest modules that are gone with all below them, and the names that are gone from the others."""
    modules: set[str] = set()
    single: set[str] = set()
    for name in names:
        gone = next((parent for parent in _parents(name) if old.has_module(parent) and not new.has(parent)), None)
        if gone:
            modules.add(gone)
        else:
            single.add(name)
    return modules, single


def _parents(name: str) -> list[str]:
    """ "a", "a.b" for "a.b.c"."""
    words = name.split(".")
    return [".".join(words[:count]) for count in range(1, len(words))]


def replacements(names: Iterable[str], old: Surface, news: list[Surface], plan: Mapping[str, Any]) -> dict[str, str]:
    """Where each name is now, followed through both versions' tables to the end; only what the new versions have."""
    found = {}
    for name in names:
        wanted = [plan["instead"].get(name, name), name]
        targets = [_followed(start, old, news[0]) for start in wanted]
        target = next((each for each in targets if each != name and _is_everywhere(each, news)), None)
        if target:
            found[name] = target
    return found


def _is_everywhere(name: str, news: Iterable[Surface]) -> bool:
    return name.startswith("airflow.providers.") or all(new.has(name) for new in news)


def _followed(name: str, old: Surface, new: Surface) -> str:
    for _ in range(5):
        further = new.moved.get(name) or (None if new.has(name) else old.moved.get(name))
        if further is None or further == name or name.endswith(f".{further}"):
            break
        name = further
    return name


def arguments(old: Surface, new: Surface, plan: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The arguments that DAG, BaseOperator and the standard operators no longer take, each with its new name or ""."""
    pairs = dict(_CLASSES)
    for place, target in new.moved.items():
        if target.startswith("airflow.providers.standard.") and place in old.parameters and target in new.parameters:
            pairs[place.rpartition(".")[2]] = (place, target)
    rows = {}
    for name, (before, after) in pairs.items():
        gone = old.parameters.get(before, frozenset()) - new.parameters.get(after, frozenset())
        # A constructor that hands everything on shows no arguments.
        if gone and gone != old.parameters[before]:
            rows[name] = {each: plan["arguments"].get(name, {}).get(each, "") for each in sorted(gone)}
    return rows


def table(old: Surface, news: Mapping[str, Surface], plan: Mapping[str, Any]) -> dict[str, Any]:
    """The table's rows. What a version lacks that one before it lacked already is not told again."""
    parts = frozenset(" ".join(plan["parts"]).split())
    modules: dict[str, list[str]] = {}
    names: dict[str, list[str]] = {}
    seen: set[str] = set()
    gone: set[str] = set()
    for version in sorted(news, key=Version):
        missing = removed(old, news[version], parts) - gone
        gone |= missing
        above, single = shortened(missing, old, news[version])
        modules[version], names[version] = sorted(above - seen), sorted(single - seen)
        seen |= above | single
    first = news[min(news, key=Version)]
    return {
        "modules": modules,
        "names": names,
        "arguments": arguments(old, first, plan),
        "context": {word: plan["context"].get(word, "") for word in sorted(_context(old, 0) - _context(first, 1))},
        "instead": replacements(sorted(gone), old, list(news.values()), plan),
        "advice": plan["advice"],
    }


def _context(surface: Surface, index: int) -> frozenset[str]:
    return surface.words.get(_CONTEXT[index], frozenset())


def main(given: list[str]) -> int:
    """Writes the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--old", type=Path, required=True, help="the wheel of the last Airflow 2")
    parser.add_argument("--new", nargs="+", required=True, help="VERSION=WHEEL,WHEEL,… of Airflow 3")
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="the day the wheels are from")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write")
    options = parser.parse_args(given)
    plan = yaml.safe_load(PLAN.read_text(encoding="utf-8"))
    old = read_surface([options.old])
    news = {}
    for each in options.new:
        version, _, wheels = each.partition("=")
        news[version] = read_surface(map(Path, wheels.split(",")))
    rows = table(old, news, plan)
    if not rows["context"] or not rows["arguments"].get("DAG"):
        print(
            "these wheels have no DAG whose arguments differ, or no context: are they Airflow 2 and 3?", file=sys.stderr
        )
        return 2
    source = SOURCE.format(options.old.name.split("-")[1], ", ".join(news))
    document = {"about": ABOUT, "source": [source], "date": options.date.isoformat(), "rows": rows}
    options.out.write_text(render(document), encoding="utf-8")
    print(f"{options.out}: {sum(map(len, rows['names'].values()))} names, {len(rows['instead'])} replacements")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
