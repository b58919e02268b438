"""Generates mwaalint/catalog/data/tables/airflow-options.json from the packages of Airflow and its providers.

    python tools/refresh_options.py --date 2026-11-22 [--wheels DIR] [--out FILE]

It downloads the wheels of every version of Airflow on MWAA, of the first release of every minor version between them,
and of the providers with the versions that MWAA pins. DIR keeps the wheels; those already there are not downloaded
again. The date is that of the download. Exit codes: 0 done, 2 a wheel cannot be had or read.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from packaging.version import InvalidVersion, Version

from mwaalint.catalog import Catalog, load
from tools.option_wheels import Described, Snapshot, WheelError, snapshot
from tools.refresh_catalog import OUT as DATA
from tools.refresh_catalog import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

OUT = DATA / "tables" / "airflow-options.json"
# The first four are installed in MWAA's images; the sections of the others moved out of Airflow's core, or into it.
PROVIDERS = (
    *("amazon", "celery", "fab", "smtp"),
    *("apache-hive", "cncf-kubernetes", "common-io", "daskexecutor", "elasticsearch", "openlineage", "standard"),
)
_PREFIX = "apache-airflow-providers-"
_SCALARS = ("boolean", "float", "integer")
ABOUT = (
    "Airflow's configuration options. By name: 'since' the version of Airflow that begins to know it (missing: the"
    " oldest of 'versions'), 'type' (missing: string) and 'default' in the newest version that has it, 'provider' where"
    " one brings it along, 'sensitive' where <name>_cmd and <name>_secret are read as well, 'code' where Airflow's code"
    " asks for it but nothing describes it. 'changes' are the stages of a name that changed or went away, oldest"
    " first: 'from' is the version that begins the stage, 'to' the new name (null: none), 'read' whether Airflow still"
    " takes the value from the old name, with a deprecation warning. 'free' are sections that take any name."
)
SOURCES = (
    "https://github.com/apache/airflow/blob/main/airflow-core/src/airflow/config_templates/config.yml",
    "https://github.com/apache/airflow/blob/main/airflow-core/src/airflow/configuration.py (deprecated_options)",
    "https://github.com/apache/airflow/blob/main/airflow-core/src/airflow/cli/commands/config_command.py",
    "https://github.com/apache/airflow/tree/main/providers (get_provider_info)",
)


def plan(catalog: Catalog) -> dict[str, list[str]]:
    """By version of Airflow, oldest first, the packages to read: the core first."""
    found: dict[str, list[str]] = {}
    for airflow in sorted({*catalog.releases, *_firsts(catalog.releases)}, key=Version):
        if Version(airflow).major < 3:
            packages = [f"apache-airflow=={airflow}"]
        else:
            packages = [f"apache-airflow-core=={airflow}", f"apache-airflow-task-sdk==1.{airflow.partition('.')[2]}"]
        found[airflow] = [*packages, *_pinned(catalog, airflow)]
    return found


def _firsts(releases: Iterable[str]) -> list[str]:
    """The first release of each minor version from Airflow 2.0 to the newest release."""
    newest = {Version(airflow).major: Version(airflow).minor for airflow in sorted(releases, key=Version)}
    return [f"{major}.{minor}.0" for major in newest if major > 1 for minor in range(newest[major] + 1)]


def _pinned(catalog: Catalog, airflow: str) -> list[str]:
    """The providers of a version: of the next one on MWAA where MWAA never had it."""
    key = Version(airflow)
    pins = catalog.pins(min((name for name in catalog.releases if Version(name) >= key), key=Version))
    if pins is None:
        return []
    known = {**pins.constraints, **pins.preinstalled_derived, **pins.preinstalled}
    names = [_PREFIX + provider for provider in PROVIDERS]
    return [f"{name}=={known[name]}" for name in names if name in known]


def fetch(package: str, folder: Path) -> Path:
    """The wheel of ``name==version``, from the folder or else downloaded into it."""
    name, _, version = package.partition("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not any(folder.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        command += ["--ignore-requires-python", "--dest", str(folder), package]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not any(folder.glob(pattern)):
            said = done.stderr.strip().splitlines() or ["no such wheel"]
            raise WheelError(f"{package}: {said[-1]}")
    return next(folder.glob(pattern))


def rows(snapshots: Sequence[Snapshot]) -> dict[str, dict[str, Any]]:
    """Every option of any version by its name, with its life."""
    sections = {_section(name) for snap in snapshots for name in snap.options}
    names = {name for snap in snapshots for name in (*snap.options, *snap.renamed)}
    names |= {name for snap in snapshots for name in snap.read if _section(name) in sections}
    return {name: row for name in sorted(names) if (row := _row(name, snapshots)) is not None}


def _row(name: str, snapshots: Sequence[Snapshot]) -> dict[str, Any] | None:
    row: dict[str, Any] = {}
    alive = [place for place, snap in enumerate(snapshots) if _alive(name, snap)]
    described = [snap.options[name] for snap in snapshots if name in snap.options]
    if alive and alive[0]:
        row["since"] = _since(name, snapshots, alive[0])
    if described:
        row |= _facts(described[-1])
    elif alive:
        row["code"] = True
    stages = _stages(name, snapshots)
    if stages:
        row["changes"] = stages
    return row if alive or stages else None


def _facts(option: Described) -> dict[str, Any]:
    facts: dict[str, Any] = {"provider": option.provider} if option.provider else {}
    if option.kind in _SCALARS:
        facts["type"] = option.kind
        if option.default not in (None, ""):
            facts["default"] = option.default
    elif option.kind != "string":
        facts["type"] = option.kind
    return facts | ({"sensitive": True} if option.sensitive else {})


def _since(name: str, snapshots: Sequence[Snapshot], place: int) -> str:
    """The version an option came with: what Airflow says of it, where that lies between two known versions."""
    described = snapshots[place].options.get(name)
    if described and _between(described.added, snapshots, place):
        return _full(described.added)
    return snapshots[place].airflow


def _stages(name: str, snapshots: Sequence[Snapshot]) -> list[dict[str, Any]]:
    """What became of a name, a row each time that changes."""
    stages: list[dict[str, Any]] = []
    for place, snap in enumerate(snapshots):
        last = stages[-1] if stages else None
        stage = _state(name, snapshots, place, last)
        if stage is None or (last and all(last[key] == stage[key] for key in ("to", "read"))):
            continue
        if last and Version(stage["from"]) <= Version(last["from"]):
            stage["from"] = snap.airflow
        stages.append(stage)
    return stages


def _state(name: str, snapshots: Sequence[Snapshot], place: int, last: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a version makes of a name that it no longer uses; None while it uses it, or never did."""
    snap = snapshots[place]
    if name in snap.renamed:
        new = snap.renamed[name][0]
        final = _final(new, snap)
        return {"from": _told(name, new, snapshots, place), "to": final or None, "read": final == new}
    known = any(_alive(name, earlier) or name in earlier.renamed for earlier in snapshots[:place])
    if not known or any(_alive(name, later) for later in snapshots[place:]):
        return None
    new = snap.linted.get(name) or (last or {}).get("to") or ""
    return {"from": snap.airflow, "to": _final(new, snap) or None, "read": False}


def _told(name: str, new: str, snapshots: Sequence[Snapshot], place: int) -> str:
    """The version of a rename that a version knows, as the newest Airflow tells it: some were corrected later."""
    rows = [snap.renamed[name] for snap in reversed(snapshots) if name in snap.renamed]
    told = [since for other, since in rows if other == new and since]
    return next((_full(since) for since in told if _between(since, snapshots, place)), snapshots[place].airflow)


def _between(version: str, snapshots: Sequence[Snapshot], place: int) -> bool:
    """Whether a version came after the snapshot before, and not after this one."""
    before = Version(snapshots[place - 1].airflow if place else "0")
    try:
        return before < Version(version) <= Version(snapshots[place].airflow)
    except InvalidVersion:
        return False


def _alive(name: str, snap: Snapshot) -> bool:
    return name not in snap.renamed and (name in snap.options or name in snap.read)


def _final(name: str, snap: Snapshot) -> str:
    """The name that a version really uses at the end of a chain of renames; "" when none."""
    seen = {name}
    while name and not _alive(name, snap):
        name = snap.renamed[name][0] if name in snap.renamed else snap.linted.get(name, "")
        if name in seen:
            return ""
        seen.add(name)
    return name


def _section(name: str) -> str:
    return name.rpartition(".")[0]


def _full(version: str) -> str:
    return ".".join([*version.split("."), "0", "0"][:3])


def document(snapshots: Sequence[Snapshot], packages: Iterable[str], day: date) -> dict[str, Any]:
    """The table as it is written."""
    read = sorted({package.partition("==")[0] for package in packages})
    return {
        "about": ABOUT,
        "source": [*SOURCES, f"as packaged in {', '.join(read)}"],
        "date": day.isoformat(),
        "versions": [snap.airflow for snap in snapshots],
        "free": sorted({section for snap in snapshots for section in snap.free}),
        "rows": rows(snapshots),
    }


def read(packages: Mapping[str, Sequence[str]], wheels: Path) -> list[Snapshot]:
    """A snapshot of each version, oldest first."""
    found = []
    for airflow, names in packages.items():
        core, *others = [fetch(name, wheels) for name in names]
        found.append(snapshot(airflow, core, others))
        print(f"Airflow {airflow}: {len(found[-1].options)} options", flush=True)
    return found


def main(arguments: list[str]) -> int:
    """Writes the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="the date of the packages")
    parser.add_argument("--wheels", type=Path, help="a folder that keeps the wheels")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write")
    given = parser.parse_args(arguments)
    packages = plan(load())
    with tempfile.TemporaryDirectory() as temporary:
        try:
            snapshots = read(packages, given.wheels or Path(temporary))
        except WheelError as error:
            print(f"refresh_options: {error}", file=sys.stderr)
            return 2
    names = [name for versions in packages.values() for name in versions]
    given.out.write_text(render(document(snapshots, names, given.date)), encoding="utf-8")
    print(f"{given.out}: {len(snapshots)} versions of Airflow")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
