"""Generates the table metadata-schema.json from the wheels of Airflow, none of which is run.

    python tools/refresh_metadata_schema.py --date 2026-11-25 2.2.2=apache_airflow-2.2.2-py3-none-any.whl …

Each argument names a version with its wheel: apache-airflow, from 3.0 on apache-airflow-core. Tables and columns are
read from the classes of its models. Exit codes: 0 done, 2 a wheel is not what it should be.
"""

from __future__ import annotations

import argparse
import ast
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from packaging.version import Version

from tools.refresh_catalog import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OUT = Path(__file__).resolve().parent.parent / "mwaalint" / "catalog" / "data" / "tables" / "metadata-schema.json"
SOURCE = "the models of apache-airflow (from 3.0 on apache-airflow-core) in the versions named, as on PyPI"
ABOUT = (
    "The columns of Airflow's metadata database: by table and column, the stretches of versions that have it, each from"
    " its first version on to the first without it ('' for none)."
)
_COLUMNS = frozenset({"Column", "mapped_column"})
_PLACES = ("airflow/models/", "airflow/jobs/")


def tables(files: Mapping[str, str]) -> dict[str, set[str]]:
    """The columns by table that the classes of these Python files declare."""
    found: dict[str, set[str]] = {}
    for text in files.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and (name := _table(node)):
                found.setdefault(name, set()).update(_columns(node))
    return found


def _table(node: ast.ClassDef) -> str:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name))):
                return name
            case _:
                continue
    return ""


def _columns(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call):
                pass
            case _:
                continue
        if ast.unparse(call.func).rpartition(".")[2] in _COLUMNS:
            first = call.args[0] if call.args else None
            named = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield str(first.value) if named and isinstance(first, ast.Constant) else name


def rows(schemas: Mapping[str, Mapping[str, set[str]]]) -> dict[str, dict[str, list[list[str]]]]:
    """By table and column the stretches of versions that have it; ``schemas`` are the tables by version."""
    versions = sorted(schemas, key=Version)
    found: dict[str, dict[str, list[list[str]]]] = {}
    pairs = {(table, column) for schema in schemas.values() for table, columns in schema.items() for column in columns}
    for table, column in sorted(pairs):
        stretches: list[list[str]] = []
        for version in versions:
            has = column in schemas[version].get(table, ())
            if has and (not stretches or stretches[-1][1]):
                stretches.append([version, ""])
            elif not has and stretches and not stretches[-1][1]:
                stretches[-1][1] = version
        found.setdefault(table, {})[column] = stretches
    return found


def read_wheel(path: Path) -> dict[str, str]:
    """The models of a wheel. Raises OSError and BadZipFile."""
    with zipfile.ZipFile(path) as wheel:
        names = [name for name in wheel.namelist() if name.startswith(_PLACES) and name.endswith(".py")]
        return {name: wheel.read(name).decode() for name in names}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheels", nargs="+", metavar="VERSION=WHEEL")
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    schemas: dict[str, dict[str, set[str]]] = {}
    for given in options.wheels:
        version, _, path = given.partition("=")
        try:
            schemas[version] = tables(read_wheel(Path(path)))
        except (OSError, zipfile.BadZipFile, SyntaxError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 2
        if not {"dag", "dag_run", "task_instance"} <= schemas[version].keys():
            print(f"{path}: it has no models of Airflow", file=sys.stderr)
            return 2
    document = {"about": ABOUT, "source": [SOURCE], "date": options.date.isoformat(), "rows": rows(schemas)}
    document["versions"] = sorted(schemas, key=Version)
    options.out.write_text(render(document), encoding="utf-8")
    print(f"{options.out}: {len(document['rows'])} tables of {len(schemas)} versions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
