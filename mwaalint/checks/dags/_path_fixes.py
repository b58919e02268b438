"""Paths of another Airflow's home, as they are below MWAA's."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mwaalint.findings import WHOLE_FILE, Fix, Safety
from mwaalint.model.values import Absent, Known
from mwaalint.patterns import regex
from mwaalint.rewrites import ImportModule, ReplacePath

if TYPE_CHECKING:
    from mwaalint.checks._api import FileContext

# What MWAA fills: elsewhere below its home there is nothing of the author's.
_FILLED = regex(r"/(?:dags|plugins)(?![\w.-])")
_JOINING = frozenset({"os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath"})
_HOME = "AIRFLOW_HOME"
_EXPRESSION = f'os.environ["{_HOME}"]'


def below_home(node: ast.Constant, home: str, ctx: FileContext) -> Fix | None:
    """Starts a path from where MWAA has Airflow, if the rest of it is there as well.

    A shell command asks the shell, which knows when the task runs. Python asks when the file is imported: unsafe, since
    wherever tests import DAGs the variable must be set, too.
    """
    document, text = ctx.document, str(node.value)
    around = document.parent(node)
    whole = around if isinstance(around, ast.JoinedStr) else node
    span, path = document.span(whole), document.file.path
    if span == WHOLE_FILE or not _is_there(node, home, ctx):
        return None
    if _is_command(whole, ctx):
        if not _is_expanded(text, home) or not _knows_home(whole, ctx):
            return None
        return Fix(f"Use ${_HOME}", Safety.SAFE, rewrites=(ReplacePath(path, span, home, f"${_HOME}"),))
    if whole is node and "{" in text and (not text.startswith(home) or text.count(home) > 1):
        return None
    replaced = ReplacePath(path, span, home, _EXPRESSION, expression=True)
    return Fix(f"Use {_EXPRESSION}", Safety.UNSAFE, rewrites=(replaced, ImportModule(path, span, "os")))


def _is_there(node: ast.Constant, home: str, ctx: FileContext) -> bool:
    """Whether all that a text names below a home is in folders that MWAA fills."""
    text = str(node.value)
    rests = [text[match.end() :] for match in re.finditer(re.escape(home), text)]
    if text.rstrip("/") == home:
        return _is_home(node, ctx)
    return all(_FILLED.match(rest) for rest in rests)


def _is_home(node: ast.Constant, ctx: FileContext) -> bool:
    """Whether the home alone is joined with such a folder, or is what the file calls the home."""
    match ctx.document.parent(node):
        case ast.Call(func=func, args=[first, ast.Constant(value=str() as entry), *_]) if first is node:
            return ctx.document.dotted(func) in _JOINING and bool(_FILLED.match(f"/{entry}"))
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name == _HOME
        case _:
            return False


def _is_command(node: ast.AST, ctx: FileContext) -> bool:
    """Whether a text is, or is part of, what a BashOperator runs."""
    parent = ctx.document.parent(node)
    while isinstance(parent, ast.BinOp):
        parent = ctx.document.parent(parent)
    return isinstance(parent, ast.keyword) and parent.arg == "bash_command"


def _is_expanded(text: str, home: str) -> bool:
    """Whether the shell expands variables where the path stands: not between single quotes, nor behind a backslash."""
    return all(text[: match.start()].count("'") % 2 == 0 for match in re.finditer(re.escape(home), text))


def _knows_home(node: ast.AST, ctx: FileContext) -> bool:
    """Whether the command gets the worker's variables: with ``env`` it gets these only, unless told otherwise."""
    call: ast.AST | None = node
    while call is not None and not isinstance(call, ast.Call):
        call = ctx.document.parent(call)
    task = ctx.code_of_dags.task_of.get(call) if call is not None else None
    if task is None:
        return False
    appended = task.argument("append_env")
    return isinstance(task.arguments.value("env"), Absent) or (isinstance(appended, Known) and appended.value is True)
