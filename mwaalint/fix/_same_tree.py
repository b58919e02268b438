"""Compares the syntax trees of a file before and after a change."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    # Whether these nodes are what should have become of one.
    Expected = Callable[[Sequence[ast.AST]], bool]


def same(left: ast.AST, right: ast.AST) -> bool:
    """Whether two trees mean the same."""
    return same_but(left, right, {})


def same_but(before: ast.AST, after: ast.AST, expected: Mapping[ast.AST, Expected]) -> bool:
    """Whether the trees are the same but for some nodes, which became what is expected of them. A statement may become
    several.
    """
    waiting: list[tuple[object, object]] = [(before, after)]
    while waiting:
        old, new = waiting.pop()
        if isinstance(old, ast.AST) and old in expected:
            if not isinstance(new, ast.AST) or not expected[old]([new]):
                return False
        elif type(old) is not type(new):
            return False
        elif isinstance(old, ast.AST):
            waiting += [(getattr(old, name, None), getattr(new, name, None)) for name in old._fields]
        elif isinstance(old, list) and isinstance(new, list):
            pairs = _pairs(old, new, expected)
            if pairs is None:
                return False
            waiting += pairs
        elif old != new:
            return False
    return True


def _pairs(
    old: list[object], new: list[object], expected: Mapping[ast.AST, Expected]
) -> list[tuple[object, object]] | None:
    """What is to be compared of two lists; None when they differ already."""
    more = len(new) - len(old)
    if not more:
        return list(zip(old, new, strict=True))
    changed = [at for at, node in enumerate(old) if isinstance(node, ast.AST) and node in expected]
    if len(changed) != 1 or more < 0:
        return None
    (at,) = changed
    node, became = old[at], [each for each in new[at : at + more + 1] if isinstance(each, ast.AST)]
    if not isinstance(node, ast.AST) or not expected[node](became):
        return None
    return [*zip(old[:at], new[:at], strict=True), *zip(old[at + 1 :], new[at + more + 1 :], strict=True)]


def text_of(node: ast.expr) -> str:
    """What an expression of literals gives, with the trees of all else between NULs."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(map(text_of, parts))
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return text_of(left) + text_of(right)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return f"\0{ast.dump(value)}\0"
        case _:
            return f"\0{ast.dump(node)}\0"
