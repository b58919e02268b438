"""Blocks of a Python file: statements that run together, what they bind and call, and what is around them."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
OwnerNode = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_LOOPS: frozenset[type[ast.AST]] = frozenset({ast.For, ast.AsyncFor, ast.While})
_CONDITIONS: frozenset[type[ast.AST]] = frozenset({ast.If, ast.Try, ast.While, ast.match_case})


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
    blocks: list[Block] = field(default_factory=list)
    free: frozenset[str] = frozenset()  # declared global or nonlocal
    _parameters: frozenset[str] | None = None
    _histories: dict[str, _History] = field(default_factory=dict)

    @property
    def parameters(self) -> frozenset[str]:
        """The names of what a function or lambda is called with."""
        if self._parameters is None:
            node = self.node
            self._parameters = frozenset() if isinstance(node, (ast.Module, ast.ClassDef)) else _parameters(node.args)
        return self._parameters

    def close(self) -> None:
        """Lets go of the blocks, which know their owner."""
        self.blocks.clear()
        self.bindings.clear()
        self._histories.clear()

    def binding(self, name: str, line: int, block: Block) -> Binding | None:
        """What a name stands for in a line of a block: its only binding, or in the owner's own code the last one before
        that surely ran. None where that cannot be told, and where the owner does not bind it.
        """
        bound = self.bindings.get(name, ())
        if len(bound) < 2 or block.owner is not self:
            # Who reads a name from another function cannot tell which of several holds.
            return bound[0] if len(bound) == 1 else None
        if name not in self._histories:
            self._histories[name] = _History(self, bound)
        return self._histories[name].at(line, block)


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
        block: Block | None = self
        while block is not None and block.owner is self.owner:
            yield block
            block = block.outer

    @property
    def is_skipped(self) -> bool:
        """Whether an import does not run what it is in."""
        block: Block | None = self
        while block is not None and not block.never:
            block = block.outer
        return block is not None

    @property
    def is_for_failures(self) -> bool:
        """Whether an import that goes well does not come here: what handles an exception in a function, and what ends
        in ``raise``. At module level the handler may be the usual way, as where only a laptop has what is tried.
        """
        return any(
            not isinstance(block.owner.node, ast.Module)
            if isinstance(block.node, ast.ExceptHandler)
            else isinstance(block.node, ast.If) and isinstance(getattr(block.node, block.part)[-1], ast.Raise)
            for block in self.inside_owner()
        )

    def loops(self) -> Iterator[Block]:
        """The bodies of loops around it in the same function."""
        return (block for block in self.inside_owner() if type(block.node) in _LOOPS)

    @property
    def repeats(self) -> bool:
        """Whether a loop around it in the same function may run it more than once."""
        return self._is_in(_LOOPS)

    @property
    def conditional(self) -> bool:
        """Whether it may run or not: in an ``if``, ``while``, ``try`` or ``match`` of the same function."""
        return self._is_in(_CONDITIONS)

    def _is_in(self, kinds: frozenset[type[ast.AST]]) -> bool:
        block: Block | None = self
        while block is not None and block.owner is self.owner:
            if type(block.node) in kinds:
                return True
            block = block.outer
        return False


class _History:
    """The bindings of one name in the order of their lines."""

    def __init__(self, owner: Owner, bound: list[Binding]) -> None:
        self.bound = sorted(bound, key=lambda binding: binding.line)
        self.lines = [binding.line for binding in self.bound]
        # What "global" lets a function bind, it binds at a time nobody can tell.
        self.is_certain = all(binding.block.owner is owner for binding in bound)
        self.in_loops = Counter(loop for binding in bound for loop in binding.block.loops())

    def at(self, line: int, block: Block) -> Binding | None:
        place = bisect_left(self.lines, line) - 1
        if place < 0 or not self.is_certain:
            return None
        last = self.bound[place]
        if last.block not in block.around():
            return None
        own = set(last.block.loops())
        # Another binding further down in a loop holds when the loop comes round again.
        return None if any(self.in_loops[loop] > (loop in own) for loop in block.loops()) else last


def _parameters(arguments: ast.arguments) -> frozenset[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return frozenset(each.arg for each in every if each is not None)


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
