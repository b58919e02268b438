"""What import statements bring into a Python file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents import python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_blocks import Block

_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException", "AttributeError"})


class ImportedName(NamedTuple):
    """One name an import statement brings: ``airflow.models.DAG`` known here as ``D``.

    ``dotted`` starts with its dots when the import is relative. ``guarded`` tells that the file copes without it: an
    ``except ImportError`` or an ``if`` stands around, or it is for type checkers only.
    """

    dotted: str
    name: str
    node: ast.Import | ast.ImportFrom
    alias: ast.alias
    block: Block
    guarded: bool

    @property
    def module(self) -> str:
        """The module that the statement names."""
        if isinstance(self.node, ast.Import):
            return self.alias.name
        return "." * self.node.level + (self.node.module or "")


def origin(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """The dotted name behind an imported one; a relative import keeps its dots."""
    if isinstance(node, ast.Import):
        return alias.name
    return python.joined("." * node.level + (node.module or ""), alias.name)


def modules(one: ImportedName) -> Iterator[str]:
    """The modules that may be imported: the one that is named, and what is taken from it, which may be one."""
    yield one.module
    if isinstance(one.node, ast.ImportFrom):
        yield one.dotted


def guarded(block: Block) -> bool:
    """Whether the file copes without an import that stands in this block."""
    for each in block.inside_owner():
        if each.never or isinstance(each.node, ast.If | ast.ExceptHandler):
            return True
        if isinstance(each.node, ast.Try) and each.part == "body":
            return any(_catches_missing(handler.type) for handler in each.node.handlers)
    return False


def _catches_missing(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    types = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(one, ast.Name) and one.id in _MISSING for one in types)
