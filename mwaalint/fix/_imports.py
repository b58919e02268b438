"""Where imports go, and which name comes from where."""

from __future__ import annotations

import ast
import sys
from itertools import dropwhile, takewhile
from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mwaalint.fix._listing import Listing

_IMPORTS = (ast.Import, ast.ImportFrom)


class ImportPlace(NamedTuple):
    """An import goes before or after this statement, with a blank line between when they are of different kinds."""

    statement: ast.stmt
    after: bool
    apart: bool


def bound_names(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """The names that a file gives a meaning anywhere, each with what does."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                yield name, node
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.alias(name=name, asname=None):
                yield name.partition(".")[0], node
            case ast.alias(asname=str() as name) | ast.ExceptHandler(name=str() as name):
                yield name, node
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name, node
            case _:
                pass


def first_import(tree: ast.Module, module: str) -> float:
    """The line on which the top of the file first imports a module under its own name, beyond all lines when nowhere.
    Raises ValueError where the name means anything else.
    """
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    own = {alias for node in statements for alias in node.names if _binds(alias, module)}
    if any(name == module and node not in own for name, node in bound_names(tree)):
        raise ValueError(f"{module} is something else in this file")
    lines = [node.lineno for node in tree.body if isinstance(node, ast.Import) and not own.isdisjoint(node.names)]
    return min(lines, default=inf)


def _binds(alias: ast.alias, module: str) -> bool:
    return alias.asname is None and alias.name.partition(".")[0] == module


def place_for(tree: ast.Module, module: str) -> ImportPlace:
    """Where ``import module`` of the standard library goes among the first imports. Raises ValueError when there are
    none.
    """
    rest = dropwhile(lambda node: not isinstance(node, _IMPORTS) or _is_future(node), tree.body)
    group = list(takewhile(lambda node: isinstance(node, _IMPORTS), rest))
    if not group:
        raise ValueError("the file imports nothing")
    for statement in group:
        if isinstance(statement, ast.ImportFrom) or (
            isinstance(statement, ast.Import) and statement.names[0].name > module
        ):
            return ImportPlace(statement, after=False, apart=not _is_standard(statement))
    return ImportPlace(group[-1], after=True, apart=False)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_standard(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom(module=str() as module, level=0):
            return module.partition(".")[0] in sys.stdlib_module_names
        case ast.Import(names=[alias, *_]):
            return alias.name.partition(".")[0] in sys.stdlib_module_names
        case _:
            return False


class Moved(NamedTuple):
    """Where a name is now, and how the import there is written: ``New``, ``New as old``."""

    module: str
    written: str


def moved_import(listing: Listing, old: str, moved: Mapping[str, Moved]) -> tuple[str, list[str]]:
    """The statement with the names that stay, or those of the first new module when none does; and the imports from
    the other modules. ``moved`` has the names by what they were.
    """
    modules = list(dict.fromkeys(moved[item.name].module for item in listing.items if item.name in moved))
    stays = any(item.name not in moved for item in listing.items)
    kept = "" if stays else modules[0]
    lines = [_line(module, listing, moved) for module in modules if module != kept]
    for at, item in reversed([*enumerate(listing.items)]):
        there = moved.get(item.name)
        if there is not None and there.module == kept:
            listing = listing.replaced(at, there.written)
        elif there is not None:
            listing = listing.without(at)
    if not kept:
        return listing.text, lines
    start, found, rest = listing.text.partition(old)
    if not found:
        raise ValueError("the module is written in another way")
    return f"{start}{kept}{rest}", lines


def _line(module: str, listing: Listing, moved: Mapping[str, Moved]) -> str:
    mine = [at for at, item in enumerate(listing.items) if item.name in moved and moved[item.name].module == module]
    names = ", ".join(moved[listing.items[at].name].written for at in mine)
    comments = [comment for at in mine if (comment := listing.comment(at))]
    return "  ".join([f"from {module} import {names}", *comments])


def origins(statements: Iterable[ast.AST]) -> dict[str, tuple[str, str]] | None:
    """What imports bind: each name with the module and the name it has there; None for other statements."""
    found: dict[str, tuple[str, str]] = {}
    for statement in statements:
        if not isinstance(statement, ast.ImportFrom) or statement.level:
            return None
        found |= {one.asname or one.name: (statement.module or "", one.name) for one in statement.names}
    return found
