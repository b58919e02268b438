"""What import statements bring into a Python file."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mwaalint.documents.python_blocks import Block

    BlockOf = Mapping[ast.AST, Block]

_MISSING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException", "AttributeError"})


class ImportedName(NamedTuple):
    """One name an import statement brings: ``airflow.models.DAG`` known here as ``D``, of the ``module`` it names.

    ``dotted`` starts with its dots when the import is relative. ``guarded`` tells that the file copes without it: an
    ``except ImportError`` or an ``if`` stands around, or it is for type checkers only.
    """

    dotted: str
    name: str
    node: ast.Import | ast.ImportFrom
    alias: ast.alias
    block: Block
    guarded: bool
    module: str


def imported_names(statements: Iterable[ast.Import | ast.ImportFrom], block_of: BlockOf) -> Iterator[ImportedName]:
    """What import statements bring, in their order."""
    for node in statements:
        block = block_of[node]
        copes = block.outer is not None and guarded(block)
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name
                yield ImportedName(name, alias.asname or name, node, alias, block, copes, name)
        else:
            module = "." * node.level + (node.module or "")
            start = module if module.endswith(".") else f"{module}."
            for alias in node.names:
                name = alias.name
                yield ImportedName(start + name, alias.asname or name, node, alias, block, copes, module)


def guarded(block: Block) -> bool:
    """Whether the file copes without an import that stands in this block."""
    for each in block.inside_owner():
        if each.never or isinstance(each.node, (ast.If, ast.ExceptHandler)):
            return True
        if isinstance(each.node, ast.Try) and each.part == "body":
            return any(_catches_missing(handler.type) for handler in each.node.handlers)
    return False


def _catches_missing(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    types = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(one, ast.Name) and one.id in _MISSING for one in types)
