"""Generates import-names.json and import-dependencies.json in mwaalint/catalog/data/tables from the metadata of wheels.

    python tools/refresh_imports.py WHEELS... --providers provider_dependencies.json --date 2026-11-25 [--out DIR]

WHEELS are folders with wheels, as ``pip download --no-deps --only-binary :all:`` leaves them; several versions of a
package add up. provider_dependencies.json lies in ``generated/`` of Airflow's source distribution and tells what its
providers need. imports_plan.yaml adds packages without a wheel and says what is no sign of a package. Exit codes: 0
done, 2 nothing to read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tools.refresh_catalog import render
from tools.wheel_metadata import WheelFacts, read_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

OUT = Path(__file__).resolve().parent.parent / "mwaalint" / "catalog" / "data" / "tables"
PLAN = Path(__file__).with_name("imports_plan.yaml")
PROVIDER = "apache-airflow-providers-"
# Extras that only the package's own developers install, and those that hold all others.
_LEFT_OUT = ("dev", "test", "doc", "all", "pandas-on")


class Plan(NamedTuple):
    """imports_plan.yaml."""

    sources: list[str]
    namespaces: frozenset[str]
    not_told_apart: frozenset[str]
    plain: frozenset[str]
    with_extras: frozenset[str]
    imports: Mapping[str, list[str]]
    needs: Mapping[str, list[str]]


def read_plan(path: Path) -> Plan:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Plan(
        sources=document["sources"],
        namespaces=_words(document["namespaces"]),
        not_told_apart=_words(document["not_told_apart"]),
        plain=_words(document["plain"]),
        with_extras=_words(document["with_extras"]),
        imports=document["imports"],
        needs=document["needs"],
    )


def _words(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


def import_names(wheels: Iterable[WheelFacts], providers: Iterable[str], plan: Plan) -> dict[str, Any]:
    """Which packages an import may come from: ``plain`` are imported under their own name with "_" for "-"."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, imports in _all_imports(wheels, providers, plan):
        for one in imports:
            if one.partition(".")[0] not in plan.not_told_apart and "._" not in one:
                found[one].add(name)
    rows = {one: sorted(names) for one, names in found.items() if not _within(names, found, one)}
    rows = _shortened(rows, plan.namespaces)
    plain = {one: names[0] for one, names in rows.items() if names == [canonicalize_name(one)] and "." not in one}
    rest = {one: " ".join(names) for one, names in rows.items() if one not in plain}
    return {"plain": " ".join(sorted(plain.values())), "rows": rest}


def _all_imports(
    wheels: Iterable[WheelFacts], providers: Iterable[str], plan: Plan
) -> Iterable[tuple[str, Iterable[str]]]:
    yield from ((wheel.name, wheel.imports) for wheel in wheels)
    yield from ((PROVIDER + one.replace(".", "-"), [f"airflow.providers.{one}"]) for one in providers)
    yield from ((name, [name.replace("-", "_")]) for name in plan.plain)
    yield from plan.imports.items()


def _within(names: set[str], found: Mapping[str, set[str]], one: str) -> bool:
    """Whether a shorter import tells the same."""
    return any(names <= found.get(parent, set()) for parent in _parents(one))


def _parents(one: str) -> list[str]:
    """ "a.b", "a" for "a.b.c"."""
    parts = one.split(".")
    return [".".join(parts[:depth]) for depth in range(len(parts) - 1, 0, -1)]


def _shortened(rows: Mapping[str, list[str]], namespaces: frozenset[str]) -> dict[str, list[str]]:
    """Each import as short as it can be: "google.api" for all that one package has below it."""
    below: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for one, names in rows.items():
        for parent in [one, *_parents(one)]:
            below[parent].add(tuple(names))
    return {
        next((short for short in _shorter(one, namespaces) if below[short] == {tuple(names)}), one): names
        for one, names in rows.items()
    }


def _shorter(one: str, namespaces: frozenset[str]) -> list[str]:
    """What it may be shortened to, the shortest first. Of a shared folder nobody knows all that is below it."""
    return [parent for parent in reversed(_parents(one)) if parent not in namespaces]


def dependencies(wheels: Iterable[WheelFacts], providers: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """What a package brings along: ``rows`` by package, ``extras`` by "package[extra]"."""
    rows: defaultdict[str, set[str]] = defaultdict(set)
    extras: defaultdict[str, set[str]] = defaultdict(set)
    for wheel in wheels:
        rows[wheel.name] |= set(wheel.needs)
        for extra, brought in wheel.extras.items():
            if wheel.name in plan.with_extras and not extra.startswith(_LEFT_OUT):
                extras[f"{wheel.name}[{extra}]"] |= set(brought)
    for provider, row in providers.items():
        rows[PROVIDER + provider.replace(".", "-")] |= {need for text in row["deps"] for need in _needed(text)}
    for name, needs in plan.needs.items():
        rows[name] |= set(needs)
    return {"rows": _joined(rows), "extras": _joined(extras)}


def _needed(text: str) -> list[str]:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return []
    name = canonicalize_name(requirement.name)
    return [name, *(f"{name}[{canonicalize_name(extra)}]" for extra in requirement.extras)]


def _joined(rows: Mapping[str, set[str]]) -> dict[str, str]:
    return {name: " ".join(sorted(needs)) for name, needs in rows.items()}


def main(arguments: list[str]) -> int:
    """Writes both tables; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", type=Path, nargs="+", help="folders with wheels")
    parser.add_argument("--providers", type=Path, required=True, help="Airflow's generated/provider_dependencies.json")
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="the day the wheels are from")
    parser.add_argument("--out", type=Path, default=OUT, help="the folder to write to")
    options = parser.parse_args(arguments)
    plan = read_plan(PLAN)
    paths = sorted({path for folder in options.wheels for path in folder.glob("*.whl")})
    wheels = [read_wheel(path, plan.namespaces) for path in paths]
    if not wheels:
        print(f"{', '.join(map(str, options.wheels))}: no wheels", file=sys.stderr)
        return 2
    providers = json.loads(options.providers.read_text(encoding="utf-8"))
    stamp = {"source": ["metadata of the wheels on PyPI", *plan.sources], "date": options.date.isoformat()}
    tables = {
        "import-names": {"about": "Which packages an import may come from.", **import_names(wheels, providers, plan)},
        "import-dependencies": {"about": "What a package brings along.", **dependencies(wheels, providers, plan)},
    }
    for name, table in tables.items():
        (options.out / f"{name}.json").write_text(render({**stamp, **table}), encoding="utf-8")
        print(f"{name}: {len(table['rows'])} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
