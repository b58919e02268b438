"""Variables that the DAGs ask for and the local runner sets."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks.local_runner._places import data_of, mentions
from mwaalint.documents import python
from mwaalint.documents.python_lines import Lines
from mwaalint.documents.python_walk import children
from mwaalint.findings import WHOLE_FILE, Location
from mwaalint.model.deployed_code import code_files
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import Context
    from mwaalint.model.local_runner import LocalRunner
    from mwaalint.source import SourceFile

# What MWAA sets itself, or AWS's and Airflow's own code reads.
_OTHERS = regex(r"AIRFLOW|AWS|MWAA|_|PATH$|HOME$|PYTHON")
_READS = regex(rb"\benviron\b")
# Files of variables, and modules that fill them in.
_FILLS = regex(rb"load_dotenv|dotenv_values|environ\.update|environ\.setdefault|putenv")
_CONDITIONS = (ast.If, ast.IfExp, ast.Try, ast.BoolOp, ast.While)


def set_variables(local: LocalRunner) -> dict[str, Location]:
    """The variables of one's own that the services set to something, and where."""
    found: dict[str, Location] = {}
    for one in local.services:
        for file in one.env_files:
            found |= {
                each.name: Location(file.file.path, each.span, each.name) for each in file.variables if each.value
            }
        for variable in one.service.environment:
            if variable.text is not None and variable.text.value:
                found[variable.name] = Location(variable.text.file.path, variable.text.span, variable.name)
    return {name: place for name, place in found.items() if not _OTHERS.match(name)}


def demanded(names: set[str], ctx: Context) -> Iterator[tuple[str, Location]]:
    """The names among these that DAG code reads with ``os.environ["NAME"]``, each once. None where the code fills in
    variables itself.
    """
    files = code_files(ctx.deployment, ctx.project)
    code = [file for file in (*files.dags.values(), *files.plugins.values()) if mentions(file, b"environ")]
    candidates = [file for file in code if _READS.search(data_of(file))]
    if any(_FILLS.search(data_of(file)) for file in candidates):
        return
    reads: dict[str, Location] = {}
    for file in candidates:
        if any(name.encode() in file.data for name in names):
            for name, place in _subscripts(file):
                if place is None:
                    names = names - {name}
                else:
                    reads.setdefault(name, place)
    yield from ((name, place) for name, place in reads.items() if name in names)


def _subscripts(file: SourceFile) -> Iterator[tuple[str, Location | None]]:
    """The variables that a file asks for outside of any condition; no place for one that it sets itself."""
    pending: list[ast.AST] = [tree] if (tree := python.parse(file)) else []
    lines = Lines(file)
    while pending:
        node = pending.pop()
        name = _name(node)
        if name is not None and isinstance(node, ast.Subscript):
            if isinstance(node.ctx, ast.Load):
                yield name, Location(file.path, lines.line(node.lineno) or WHOLE_FILE, name)
            else:
                yield name, None
        if not isinstance(node, _CONDITIONS):
            pending += children(node)


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id="os"), attr="environ") | ast.Name(id="environ"),
            slice=ast.Constant(value=str(name)),
        ):
            return name
        case _:
            return None
