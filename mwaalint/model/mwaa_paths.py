"""Paths on MWAA that DAG code puts together: from ``__file__``, AIRFLOW_HOME, the DAGs folder, literals."""

from __future__ import annotations

import ast
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from mwaalint.model.values import Known

if TYPE_CHECKING:
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.dag_values import DagValues

HOME = "/usr/local/airflow"
DAGS = f"{HOME}/dags"
# A part that the code does not tell; it names something below what is known before it.
_UNKNOWN = "…"
_DEEPEST = 20
_SAME = frozenset({"os.path.abspath", "os.path.realpath", "os.path.normpath", "os.fspath", "str", "pathlib.Path"})
_SAME_METHODS = frozenset({"resolve", "absolute", "as_posix", "expanduser"})
_PATHS = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PosixPath"})
_KNOWN = {
    "airflow.settings.AIRFLOW_HOME": HOME,
    "airflow.settings.DAGS_FOLDER": DAGS,
    "airflow.configuration.AIRFLOW_HOME": HOME,
}
_VARIABLES = {"AIRFLOW_HOME": HOME, "AIRFLOW__CORE__DAGS_FOLDER": DAGS, "DAGS_FOLDER": DAGS}


class Paths:
    """The paths of one file of DAG code."""

    def __init__(self, document: PythonDocument, values: DagValues) -> None:
        self.document = document
        self.values = values
        self._depth = 0

    def path(self, node: ast.expr) -> str | None:
        """The absolute path that an expression is on MWAA, as far as it is known; None for anything else."""
        found = self._text(node)
        return normpath(found) if found is not None and found.startswith("/") and "\0" not in found else None

    def _text(self, node: ast.expr) -> str | None:
        if self._depth > _DEEPEST:
            return None
        self._depth += 1
        try:
            return self._put_together(node)
        finally:
            self._depth -= 1

    def _put_together(self, node: ast.expr) -> str | None:
        match node:
            case ast.Name(id="__file__"):
                return f"{DAGS}/{_UNKNOWN}.py"
            case ast.Name():
                return self._bound(node)
            case ast.Attribute(attr="parent", value=inner):
                path = self._text(inner)
                return dirname(path) if path else None
            case ast.Attribute():
                return _KNOWN.get(self.document.dotted(node))
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                return self._joined([left, right])
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return self._glued([left, right])
            case ast.JoinedStr(values=parts):
                return self._glued([part.value if isinstance(part, ast.FormattedValue) else part for part in parts])
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str() as name)):
                return _VARIABLES.get(name)
            case ast.Call():
                return self._called(node)
            case _:
                return self._plain(node)

    def _plain(self, node: ast.expr) -> str | None:
        value = self.values.value(node)
        return value.value if isinstance(value, Known) and isinstance(value.value, str) else None

    def _bound(self, node: ast.Name) -> str | None:
        binding = self.document.lookup(node)
        simple = binding is not None and not binding.each and not binding.entered
        if simple and binding is not None and isinstance(binding.node, ast.expr):
            return self._text(binding.node)
        return _KNOWN.get(self.document.dotted(node)) or self._plain(node)

    def _called(self, node: ast.Call) -> str | None:
        name = self.document.dotted(node.func)
        if name == "os.path.dirname" and node.args:
            path = self._text(node.args[0])
            return dirname(path) if path else None
        if (name == "os.path.join" or name in _PATHS) and node.args:
            return self._joined(node.args)
        if name in _SAME and node.args:
            return self._text(node.args[0])
        if name in ("os.environ.get", "os.getenv") and node.args:
            variable = self._plain(node.args[0])
            return _VARIABLES.get(variable) if variable else None
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in _SAME_METHODS:
                return self._text(node.func.value)
            if node.func.attr == "joinpath":
                return self._joined([node.func.value, *node.args])
        return None

    def _joined(self, nodes: list[ast.expr]) -> str | None:
        first, *rest = (self._text(node) for node in nodes)
        # What is not known may be absolute and lead elsewhere; people join names.
        return join(first, *(part or _UNKNOWN for part in rest)) if first is not None else None

    def _glued(self, nodes: list[ast.expr]) -> str | None:
        first, *rest = (self._text(node) for node in nodes)
        return None if first is None else first + "".join(part if part is not None else _UNKNOWN for part in rest)
