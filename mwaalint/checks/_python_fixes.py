"""Fixes of DAG and plugin code: what is to change, of which edits are made when somebody asks for them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.documents.python import begins_with_literal
from mwaalint.findings import WHOLE_FILE, Fix, Safety
from mwaalint.model.dag_model import Task
from mwaalint.model.dag_names import decorator_name
from mwaalint.rewrites import BeginText, RemoveArgument, SetArgument

if TYPE_CHECKING:
    from mwaalint.checks._api import FileContext
    from mwaalint.model.dag_model import Dag


def passing(
    made: Task | Dag, name: str, value: str, ctx: FileContext, *, title: str, safety: Safety = Safety.SAFE
) -> Fix | None:
    """Passes an argument where a task or a DAG is made; None where it comes with what is spread into the call."""
    holder = _holder(made, ctx)
    span = ctx.document.span(holder) if holder is not None else WHOLE_FILE
    if span == WHOLE_FILE or made.arguments.unknown or name in made.arguments.spread:
        return None
    return Fix(title, safety, rewrites=(SetArgument(ctx.document.file.path, span, name, value),))


def _holder(made: Task | Dag, ctx: FileContext) -> ast.expr | None:
    """What has the arguments: the call, or the decorator."""
    function = made.function if isinstance(made, Task) else made.node
    if function is None or isinstance(function, ast.Call):
        return made.node if isinstance(made.node, ast.Call) else None
    return next((each for each in function.decorator_list if _is_airflows(each, ctx)), None)


def _is_airflows(decorator: ast.expr, ctx: FileContext) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return decorator_name(ctx.document.dotted(called)).partition(".")[0] in ("dag", "task", "sensor")


def leaving_out(value: ast.expr | None, ctx: FileContext, *, title: str, safety: Safety = Safety.SAFE) -> Fix | None:
    """Takes an argument out of its call, or an entry out of its dictionary, by its value as it is written."""
    parent = ctx.document.parent(value) if value is not None else None
    holder, name = parent, ""
    match parent:
        case ast.keyword(arg=str() as name):
            holder = ctx.document.parent(parent)
        case ast.Dict(keys=keys, values=values):
            key = next(key for key, each in zip(keys, values, strict=True) if each is value)
            name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
        case _:
            pass
    span = ctx.document.span(holder) if holder is not None else WHOLE_FILE
    if not name or span == WHOLE_FILE:
        return None
    return Fix(title, safety, rewrites=(RemoveArgument(ctx.document.file.path, span, name),))


def beginning(
    text: ast.expr, command: str, ctx: FileContext, *, title: str, safety: Safety = Safety.SAFE
) -> Fix | None:
    """Puts a shell command in front of those in a text whose beginning is written out here."""
    span = ctx.document.span(text)
    if span == WHOLE_FILE or not begins_with_literal(text):
        return None
    return Fix(title, safety, rewrites=(BeginText(ctx.document.file.path, span, command),))
