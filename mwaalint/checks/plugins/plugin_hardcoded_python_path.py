"""MW656 plugin-hardcoded-python-path."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_FOLDER = regex(
    r"(?<![\w./-])(?P<path>(?:/usr/local/airflow/\.local|/usr/local)/lib(?:64)?/python(?P<python>3\.\d+))(?=[/\s'\":;,)]|$)"
)
_ASKING = frozenset({"exists", "isdir", "isfile", "is_dir", "replace", "startswith", "print", "info", "debug"})


@check("MW656", on=DagFile("/python3.", places=("dags", "plugins")), needs_version=True)
def plugin_hardcoded_python_path(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """A text with the folder of another Python's packages."""
    own = ctx.target.python
    for node in document.nodes(ast.Constant):
        if not isinstance(node.value, str) or own is None:
            continue
        pythons = {match["python"]: match["path"] for match in _FOLDER.finditer(node.value)}
        # A text that names this Python's folder as well looks for the one that is there.
        if not pythons or own in pythons or _is_no_use(node, document):
            continue
        for python, path in pythons.items():
            yield ctx.report(ctx.at(node), subject=path, path=path, python=python, own=own, airflow=ctx.target.airflow)


def _is_no_use(node: ast.Constant, document: PythonDocument) -> bool:
    """Whether the text is a docstring, asked for, compared with, or one of several alternatives."""
    match document.parent(node):
        case ast.Expr() | ast.Compare() | ast.BoolOp() | ast.IfExp():
            return True
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in _ASKING
        case _:
            return False
