"""Blocks of a Python file: statements that run together, what they bind and call, and what is around them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
OwnerNode = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Binding(NamedTuple):
    """One place that binds a name.

    ``node`` is the expression it becomes, the function or class it names, or the iterable it goes through (``each``),
    the context manager it holds (``entered``); None where that is not simply one of these.
    """

    node: ast.expr | FunctionNode | ast.ClassDef | None
    block: Block
    line: int
    each: bool = False
    entered: bool = False


@dataclass(eq=False, slots=True)
class Owner:
    """What has names of its own: the module, a class, a function, a lambda."""

    node: OwnerNode
    outer: Block | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    parameters: frozenset[str] = frozenset()
    blocks: list[Block] = field(default_factory=list)
    free: frozenset[str] = frozenset()  # declared global or nonlocal


@dataclass(eq=False, slots=True)
class Block:
    """Statements that run together.

    ``node`` is the statement they belong to (a module, function, class, lambda, ``if``, ``for``, ``while``, ``with``,
    ``try`` or ``match`` case) and ``part`` which of its lists they are. ``never`` tells that an import does not run
    them: ``if __name__ == "__main__"`` and ``if TYPE_CHECKING``.
    """

    node: ast.AST
    part: str
    outer: Block | None
    owner: Owner
    never: bool = False
    calls: list[ast.Call] = field(default_factory=list)

    def around(self) -> Iterator[Block]:
        """The block and those around it, from the inside."""
        block: Block | None = self
        while block is not None:
            yield block
            block = block.outer

    def inside_owner(self) -> Iterator[Block]:
        """The block and those around it in the same function, class or module, from the inside."""
        return (block for block in self.around() if block.owner is self.owner)

    @property
    def repeats(self) -> bool:
        """Whether a loop around it in the same function may run it more than once."""
        return any(isinstance(block.node, ast.For | ast.AsyncFor | ast.While) for block in self.inside_owner())

    @property
    def conditional(self) -> bool:
        """Whether it may run or not: in an ``if``, ``while``, ``try`` or ``match`` of the same function."""
        return any(
            isinstance(block.node, ast.If | ast.Try | ast.While | ast.match_case) for block in self.inside_owner()
        )


def excludes(one: Block, other: Block) -> bool:
    """Whether at most one of two blocks may be meant to run: branches of an ``if``, cases of a ``match``, a ``try`` and
    its handler, or a branch that leaves before the other is reached.
    """
    mine, others = list(one.around()), list(other.around())
    apart = [block for block in mine if block not in others]
    apart_there = [block for block in others if block not in mine]
    if any(_leaves(block) for block in (*apart, *apart_there)):
        return True
    return any(_alternatives(left, right) for left in apart for right in apart_there)


def _leaves(block: Block) -> bool:
    body = getattr(block.node, block.part)
    ends = ast.Return | ast.Raise | ast.Continue | ast.Break
    return isinstance(block.node, ast.If) and isinstance(body, list) and isinstance(body[-1], ends)


def _alternatives(one: Block, other: Block) -> bool:
    if one.outer is not other.outer:
        return False
    if one.node is other.node:
        return isinstance(one.node, ast.If) and one.part != other.part
    kinds = (ast.match_case, ast.ExceptHandler, ast.Try, ast.TryStar)
    return isinstance(one.node, kinds) and isinstance(other.node, kinds)


def owners_around(block: Block) -> Iterator[Owner]:
    """The owners of names around a block, from the inside."""
    at: Block | None = block
    while at is not None:
        yield at.owner
        at = at.owner.outer


def the_only(bound: list[Binding]) -> Binding | None:
    """The single binding: who reads a name from another function cannot tell which of several holds."""
    return bound[0] if len(bound) == 1 else None


def the_one(bound: list[Binding], name: ast.Name, block: Block) -> Binding | None:
    """The binding that holds where a name is read, in the function that binds it: the last one that surely ran."""
    if len(bound) == 1:
        return bound[0]
    around = set(block.around())
    before = [each for each in bound if each.line < name.lineno]
    last = max(before, key=lambda each: each.line, default=None)
    by_functions = any(each.block.owner is not block.owner for each in bound)  # as "global"
    if last is None or last.block not in around or by_functions:
        return None
    loops = [each for each in around if isinstance(each.node, ast.For | ast.AsyncFor | ast.While)]
    rebound = any(loop in set(each.block.around()) for each in bound for loop in loops if each is not last)
    return None if rebound else last
