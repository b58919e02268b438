"""MW431 secret-logged."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Call
from mwaalint.documents.python import source_of
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_blocks import Block
    from mwaalint.findings import Finding

_LEVELS = ("debug", "info", "warning", "error", "critical", "exception", "log")
_LOGGERS = ("logging", "logging.getLogger()", "log", "logger", "LOG", "LOGGER", "_logger", "self.log", "self.logger")
_LOGGING = tuple(f"{logger}.{level}" for logger in _LOGGERS for level in _LEVELS)
_CONNECTION = regex(
    r"(?:^|\.)(?:get_connection(?:_from_secrets)?|Connection\.get)\(\)\."
    r"(?:password|get_password\(\)|get_uri\(\))$"
)


_WORDS = ("password", "get_uri", "get_secret_value")


@check("MW431", on=Call("print", "pprint.pprint", *_LOGGING, places=("dags", "plugins"), words=_WORDS))
def secret_logged(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
    """A password or a secret's value among what is printed or logged."""
    block = ctx.document.block(call)
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        for part in _said(argument):
            what = _secret(part, block, ctx)
            if what is not None:
                yield ctx.report(ctx.at(call), subject=what, what=what, function=source_of(call.func))
                return


def _said(node: ast.expr) -> Iterator[ast.expr]:
    """The expressions whose text becomes a part of the message."""
    match node:
        case ast.JoinedStr(values=values):
            for value in values:
                if isinstance(value, ast.FormattedValue):
                    yield from _said(value.value)
        case ast.BinOp(left=left, right=right):
            yield from _said(left)
            yield from _said(right)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            for item in items:
                yield from _said(item)
        case ast.Call(func=ast.Attribute(value=ast.Constant(), attr="format"), args=arguments):
            for item in arguments:
                yield from _said(item)
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[inner]):
            yield from _said(inner)
        case _:
            yield node


def _secret(node: ast.expr, block: Block | None, ctx: FileContext) -> str | None:
    """What kind of secret an expression is, itself or behind a name."""
    node, block = ctx.document.followed(node, block)
    if isinstance(node, ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if key in ("SecretString", "SecretBinary") and _is_secret_value(node.value, block, ctx):
            return "the value of a secret"
    names = ctx.document.origins(node.func if isinstance(node, ast.Call) else node, block)
    suffix = "()" if isinstance(node, ast.Call) else ""
    if any(_CONNECTION.search(name + suffix) for name in names):
        return "the password of a connection"
    return None


def _is_secret_value(node: ast.expr, block: Block | None, ctx: FileContext) -> bool:
    node, _ = ctx.document.followed(node, block)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_secret_value"
