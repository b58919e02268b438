"""MW654 plugin-needs-non-lazy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import PluginFile
from mwaalint.model.values import Absent, known, possible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding

_OPTION = "core.lazy_load_plugins"
_SETTERS = frozenset({"os.environ.update", "os.environ.setdefault", "os.putenv"})


@check("MW654", on=PluginFile("AirflowPlugin"), airflow=">=2.0.2")
def plugin_needs_non_lazy(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """What a plugin does to its process when it is imported, where plugins are imported only when somebody asks."""
    if not _is_plugin(document) or not _is_lazy(ctx):
        return
    for node, what in _effects(document):
        if document.runs_at_import(node) and document.function_around(node) is None:
            yield ctx.report(ctx.at(node), subject=what, what=what)
            return


def _is_plugin(document: PythonDocument) -> bool:
    classes = document.nodes(ast.ClassDef)
    return any(document.dotted(base).endswith("AirflowPlugin") for node in classes for base in node.bases)


def _is_lazy(ctx: FileContext) -> bool:
    """Whether the option surely has its default. A startup script may export it as a variable."""
    if ctx.environment is None or not isinstance(ctx.environment.startup_script_s3_path, Absent):
        return False
    value = ctx.option(_OPTION)
    if isinstance(value, Absent):
        return True
    text = known(value, str)
    return bool(possible(value)) and text is not None and text.strip().lower() in ("true", "t", "1")


def _effects(document: PythonDocument) -> Iterator[tuple[ast.AST, str]]:
    """Variables of the process that are set, and functions of Airflow that are put in another's place."""
    for assignment in document.nodes(ast.Assign):
        for target in assignment.targets:
            if isinstance(target, ast.Subscript) and document.dotted(target.value) == "os.environ":
                name = str(target.slice.value) if isinstance(target.slice, ast.Constant) else "a variable"
                yield assignment, f"sets {name}"
            elif isinstance(target, ast.Attribute) and (dotted := document.dotted(target)).startswith("airflow."):
                yield assignment, f"replaces {dotted}"
    for call in document.calls:
        if document.dotted(call.func) in _SETTERS:
            yield call, "sets variables of its process"
