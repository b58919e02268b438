"""Generates mwaalint/catalog/data/ from a folder of facts.

    python tools/refresh_catalog.py --facts DIR [--check] [--out DIR] [--plan FILE]

The facts are YAML files with pins/<version>.json beside them; catalog_plan.yaml says which of them become facts.json.
All is built and validated before the first file is written, and each file is replaced atomically. Exit codes: 0 done or
up to date, 1 (--check) the data differs from what would be generated, 2 the facts are malformed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import catalog_rows
from tools.catalog_facts import Facts, FactsError, Node, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

OUT = Path(__file__).resolve().parent.parent / "mwaalint" / "catalog" / "data"
PLAN = Path(__file__).with_name("catalog_plan.yaml")
WIDTH = 110


def build(facts: Facts, plan: Node) -> dict[str, str]:
    """Every generated file's text, by its path below the data folder."""
    documents: dict[str, dict[str, Any]] = {
        "releases.json": catalog_rows.releases(facts),
        "classes.json": catalog_rows.classes(facts),
        "prices.json": catalog_rows.prices(facts),
        "options.json": catalog_rows.options(facts),
        "protected.json": catalog_rows.protected(facts),
        "api.json": catalog_rows.api(facts),
        "facts.json": catalog_rows.constants(facts, plan),
    }
    known = documents["releases.json"]["releases"]
    documents |= catalog_rows.pins(facts, {airflow: row["python"] for airflow, row in known.items()})
    return {name: render({"date": facts.date(), **document}) for name, document in documents.items()}


def render(document: Mapping[str, Any]) -> str:
    """JSON with sorted keys in which whatever fits on a line stands on one."""
    return _render(document, "") + "\n"


def _render(value: Any, indent: str) -> str:
    compact = json.dumps(value, ensure_ascii=False, sort_keys=True, default=_iso)
    inner = f"{indent} "
    if not value or not isinstance(value, dict | list) or (indent and len(inner) + len(compact) <= WIDTH):
        return compact
    if isinstance(value, list):
        lines, brackets = [_render(item, inner) for item in value], "[]"
    else:
        lines, brackets = (
            [f"{json.dumps(str(key))}: {_render(value[key], inner)}" for key in sorted(value, key=str)],
            "{}",
        )
    return f"{brackets[0]}\n{inner}" + f",\n{inner}".join(lines) + f"\n{indent}{brackets[1]}"


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise FactsError(f"a value of type {type(value).__name__} has no place in the catalogue: {value!r}")


def differences(built: Mapping[str, str], out: Path) -> list[str]:
    """What a run would change, a line a file."""
    lines = [f"{name} {_state(out / name, text)}" for name, text in built.items() if _state(out / name, text)]
    return sorted([*lines, *(f"{name} would no longer be generated" for name in _stale(built, out))])


def _state(path: Path, text: str) -> str:
    if not path.is_file():
        return "is missing"
    return "" if path.read_bytes() == text.encode() else "differs from what the facts give"


def _stale(built: Mapping[str, str], out: Path) -> list[str]:
    present = (path.relative_to(out).as_posix() for path in (*out.glob("*.json"), *out.glob("pins/*.json")))
    return sorted(set(present) - built.keys())


def write(built: Mapping[str, str], out: Path) -> None:
    for name, text in built.items():
        _replace(out / name, text.encode())
    for name in _stale(built, out):
        (out / name).unlink()


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Generate the catalogue's data from a folder of facts.")
    parser.add_argument("--facts", type=Path, required=True, help="the folder with versions.yaml, …, pins/")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when the data would change")
    parser.add_argument("--out", type=Path, default=OUT, help="the data folder")
    parser.add_argument("--plan", type=Path, default=PLAN, help="which facts become facts.json")
    given = parser.parse_args(arguments)
    try:
        built = build(Facts(given.facts), Node(parse(given.plan, yaml.safe_load), f"{given.plan.name}: "))
    except FactsError as error:
        print(f"refresh_catalog: {error}", file=sys.stderr)
        return 2
    if not given.check:
        write(built, given.out)
        return 0
    changed = differences(built, given.out)
    if changed:
        print(f"The catalogue in {given.out} is not what the facts give; run without --check:", *changed, sep="\n  ")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
