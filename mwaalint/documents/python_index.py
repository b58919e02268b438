"""One pass over a syntax tree, without recursion: nodes by type, and blocks with what they bind and call."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mwaalint.documents.python_blocks import Binding, Block, FunctionNode, Owner
from mwaalint.documents.python_walk import NODE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Annotations run nothing a rule asks for, and imported names are read with their import.
_NOT_INDEXED = frozenset({"annotation", "returns", "type_params", "names"})
_TRY = ("body", "orelse", "finalbody")
_BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: _TRY,
    ast.TryStar: _TRY,
    ast.ExceptHandler: ("body",),
    ast.match_case: ("body",),
}
_OWNERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_LEAVES = frozenset({ast.Name, ast.Constant, type(None)})


def _children(kind: type[ast.AST]) -> tuple[str, ...]:
    return tuple(name for name in NODE_FIELDS[kind] if name not in _NOT_INDEXED)


def _children_in_block(kind: type[ast.AST]) -> tuple[str, ...]:
    own = ("body",) if kind in _OWNERS else _BLOCKS.get(kind, ())
    return tuple(name for name in _children(kind) if name not in own)


# By exact type: what is below a node, and what of it runs in the same block. Lists may hold None.
_BELOW: dict[type, tuple[str, ...]] = {type(None): (), **{kind: _children(kind) for kind in NODE_FIELDS}}
_FIELDS: dict[type, tuple[str, ...]] = {type(None): (), **{kind: _children_in_block(kind) for kind in NODE_FIELDS}}


class Index:
    """What one pass collects."""

    def __init__(self, tree: ast.Module) -> None:
        self.nodes: defaultdict[type, list[Any]] = defaultdict(list)
        self.block_of: dict[ast.AST, Block] = {}
        self.shifts: list[ast.BinOp] = []
        self.owners: dict[ast.AST, Owner] = {}
        self.module = self._owner(tree, None)
        self._pending = [self._add(Block(tree, "body", None, self.module))]
        for block in self._pending:
            self._visit(block)
        self._globals()

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node, but for what only annotates. Most files are never asked."""
        found: dict[ast.AST, ast.AST] = {}
        stack: list[Any] = [self.module.node]
        while stack:
            node = stack.pop()
            for name in _BELOW[type(node)]:
                child = getattr(node, name)
                below = child if type(child) is list else [child]
                found.update(dict.fromkeys(below, node))
                stack += below
        return found

    def _owner(self, node: Any, outer: Block | None) -> Owner:
        owner = Owner(node, outer)
        self.owners[node] = owner
        return owner

    def _add(self, block: Block) -> Block:
        block.owner.blocks.append(block)
        return block

    def _visit(self, block: Block) -> None:
        statements = getattr(block.node, block.part)
        stack: list[Any] = list(statements) if type(statements) is list else [statements]
        nodes, fields, special, calls = self.nodes, _FIELDS, _SPECIAL, block.calls
        pop, extend, push, leaves, call_type = stack.pop, stack.extend, stack.append, _LEAVES, ast.Call
        while stack:
            node = pop()
            kind = type(node)
            nodes[kind].append(node)
            if kind in leaves:
                continue
            if kind is call_type:
                calls.append(node)
                push(node.func)
                extend(node.args)
                extend(node.keywords)
                continue
            if kind in special:
                special[kind](self, node, block)
            for name in fields[kind]:
                child = getattr(node, name)
                if type(child) is list:
                    extend(child)
                elif child is not None:
                    push(child)
        self.block_of.update(dict.fromkeys(calls, block))

    def import_(self, node: ast.Import | ast.ImportFrom, block: Block) -> None:
        self.block_of[node] = block

    def operation(self, node: ast.BinOp, block: Block) -> None:
        if isinstance(node.op, ast.RShift | ast.LShift):
            self.shifts.append(node)
            self.block_of[node] = block

    def function(self, node: FunctionNode, block: Block) -> None:
        self.bind(node.name, node, block, node.lineno)
        self._enter(node, block, _parameters(node.args))

    def class_(self, node: ast.ClassDef, block: Block) -> None:
        self.bind(node.name, node, block, node.lineno)
        self._enter(node, block, frozenset())

    def lambda_(self, node: ast.Lambda, block: Block) -> None:
        self._enter(node, block, _parameters(node.args))

    def _enter(self, node: Any, block: Block, parameters: frozenset[str]) -> None:
        self.block_of[node] = block
        owner = self._owner(node, block)
        owner.parameters = parameters
        self._pending.append(self._add(Block(node, "body", block, owner)))

    def inner_blocks(self, node: Any, block: Block) -> None:
        for part in _BLOCKS[type(node)]:
            if getattr(node, part):
                self._pending.append(self._add(Block(node, part, block, block.owner)))

    def if_(self, node: ast.If, block: Block) -> None:
        dead = _not_at_import(node.test)
        for part in ("body", "orelse"):
            if getattr(node, part):
                inner = Block(node, part, block, block.owner, never=part == dead)
                self._pending.append(self._add(inner))

    def for_(self, node: ast.For | ast.AsyncFor, block: Block) -> None:
        self._bind_each(node.target, node.iter, block)
        self.inner_blocks(node, block)

    def with_(self, node: ast.With | ast.AsyncWith, block: Block) -> None:
        for item in node.items:
            if isinstance(item.optional_vars, ast.Name):
                self.bind(item.optional_vars.id, item.context_expr, block, node.lineno, entered=True)
            elif item.optional_vars is not None:
                self._bind_unknown(item.optional_vars, block)
        self.inner_blocks(node, block)

    def assign(self, node: ast.Assign, block: Block) -> None:
        for target in node.targets:
            if type(target) is ast.Name:
                self.bind(target.id, node.value, block, node.lineno)
            else:
                self._bind_unpacked(target, node.value, block)

    def ann_assign(self, node: ast.AnnAssign, block: Block) -> None:
        if node.value is not None and isinstance(node.target, ast.Name):
            self.bind(node.target.id, node.value, block, node.lineno)

    def named(self, node: ast.NamedExpr, block: Block) -> None:
        self.bind(node.target.id, node.value, block, node.lineno)

    def unknown_target(self, node: ast.AugAssign | ast.comprehension, block: Block) -> None:
        self._bind_unknown(node.target, block)

    def delete(self, node: ast.Delete, block: Block) -> None:
        for target in node.targets:
            self._bind_unknown(target, block)

    def handler(self, node: ast.ExceptHandler, block: Block) -> None:
        if node.name:
            self.bind(node.name, None, block, node.lineno)
        self.inner_blocks(node, block)

    def capture(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping, block: Block) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name:
            self.bind(name, None, block, node.lineno)

    def free(self, node: ast.Global | ast.Nonlocal, block: Block) -> None:
        block.owner.free |= frozenset(node.names)

    def bind(self, name: str, node: Any, block: Block, line: int, *, each: bool = False, entered: bool = False) -> None:
        binding = Binding(node, block, line, each, entered)
        block.owner.bindings.setdefault(name, []).append(binding)

    def _bind_each(self, target: ast.expr, iterable: ast.expr, block: Block) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, iterable, block, target.lineno, each=True)
        else:
            self._bind_unknown(target, block)

    def _bind_unpacked(self, target: ast.expr, value: ast.expr, block: Block) -> None:
        match target, value:
            case ((ast.Tuple(elts=names) | ast.List(elts=names)), (ast.Tuple(elts=parts) | ast.List(elts=parts))) if (
                len(names) == len(parts) and not any(isinstance(one, ast.Starred) for one in (*names, *parts))
            ):
                for name, part in zip(names, parts, strict=True):
                    if isinstance(name, ast.Name):
                        self.bind(name.id, part, block, name.lineno)
                    else:
                        self._bind_unknown(name, block)
            case _:
                self._bind_unknown(target, block)

    def _bind_unknown(self, target: ast.expr, block: Block) -> None:
        for name in _names(target):
            self.bind(name.id, None, block, name.lineno)

    def _globals(self) -> None:
        """What a function declares global it binds outside, at a time nobody can tell."""
        for owner in self.owners.values():
            for name in owner.free:
                for _, block, line, *_ in owner.bindings.pop(name, ()):
                    outer = self.module
                    outer.bindings.setdefault(name, []).append(Binding(None, block, line))


def _parameters(arguments: ast.arguments) -> frozenset[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return frozenset(each.arg for each in every if each is not None)


def _names(target: ast.expr) -> Iterable[ast.Name]:
    waiting: list[ast.expr] = [target]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node
        elif isinstance(node, ast.Tuple | ast.List):
            waiting += node.elts
        elif isinstance(node, ast.Starred):
            waiting.append(node.value)


def _not_at_import(test: ast.expr) -> str:
    """The branch of an ``if`` that an import does not run."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[right]):
            sides = {side.id if isinstance(side, ast.Name) else getattr(side, "value", None) for side in (left, right)}
            if sides == {"__name__", "__main__"}:
                return "body" if isinstance(op, ast.Eq) else "orelse"
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return "body"
        case _:
            pass
    return ""


_SPECIAL: dict[type, Callable[[Index, Any, Block], None]] = {
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), Index.function),
    ast.ClassDef: Index.class_,
    ast.Lambda: Index.lambda_,
    ast.If: Index.if_,
    **dict.fromkeys((ast.For, ast.AsyncFor), Index.for_),
    **dict.fromkeys((ast.With, ast.AsyncWith), Index.with_),
    **dict.fromkeys((ast.While, ast.Try, ast.TryStar, ast.match_case), Index.inner_blocks),
    ast.ExceptHandler: Index.handler,
    **dict.fromkeys((ast.Import, ast.ImportFrom), Index.import_),
    ast.BinOp: Index.operation,
    ast.Assign: Index.assign,
    ast.AnnAssign: Index.ann_assign,
    ast.NamedExpr: Index.named,
    **dict.fromkeys((ast.AugAssign, ast.comprehension), Index.unknown_target),
    ast.Delete: Index.delete,
    **dict.fromkeys((ast.MatchAs, ast.MatchStar, ast.MatchMapping), Index.capture),
    **dict.fromkeys((ast.Global, ast.Nonlocal), Index.free),
}
