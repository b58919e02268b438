"""One pass over a syntax tree, without recursion: nodes by type, and blocks with what they bind and call."""

from __future__ import annotations

import ast
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from mwaalint.cached import cached_property
from mwaalint.documents.python_blocks import Binding, Block, FunctionNode, Owner
from mwaalint.documents.python_walk import NODE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Nodes = Sequence[ast.AST | None]

# Annotations run nothing a rule asks for, and imported names are read with their import.
_NOT_INDEXED = frozenset({"annotation", "returns", "type_params", "names"})
# Parameters have nothing else, but for the defaults.
_PARAMETERS = frozenset({"posonlyargs", "args", "vararg", "kwonlyargs", "kwarg"})
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


def _children(kind: type[ast.AST]) -> tuple[str, ...]:
    return tuple(name for name in NODE_FIELDS[kind] if name not in _NOT_INDEXED)


def _children_in_block(kind: type[ast.AST]) -> tuple[str, ...]:
    own = ("body",) if kind in _OWNERS else _BLOCKS.get(kind, ())
    left_out = _PARAMETERS if kind is ast.arguments else own
    return tuple(name for name in _children(kind) if name not in left_out)


_MAKING = frozenset({ast.Call, ast.Name})
_SEVERAL = frozenset({ast.Tuple, ast.List, ast.Starred})
_SHIFTS = frozenset({ast.RShift, ast.LShift})
_FREQUENT = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.keyword)
_WITH_VALUE = frozenset({ast.Expr, ast.Return, ast.Starred, ast.Await})
# What is below nodes of other frequent types.
_PARTS: dict[type, Callable[[Any], Nodes]] = {
    **dict.fromkeys((ast.Tuple, ast.List, ast.Set), attrgetter("elts")),
    **dict.fromkeys((ast.BoolOp, ast.JoinedStr), attrgetter("values")),
    ast.Subscript: attrgetter("value", "slice"),
}
# By exact type: what is below a node, and what of it runs in the same block. Lists may hold None.
_BELOW: dict[type, tuple[str, ...]] = {type(None): (), **{kind: _children(kind) for kind in NODE_FIELDS}}
_FIELDS: dict[type, tuple[str, ...]] = {type(None): (), **{kind: _children_in_block(kind) for kind in NODE_FIELDS}}


class Index:
    """What one pass collects: ``nodes`` by type, but for parameters; ``block_of`` of calls, imports, functions, classes
    and what holds blocks; the names that are somewhere bound to what a call or another name gives.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.nodes: defaultdict[type, list[Any]] = defaultdict(list)
        self.block_of: dict[ast.AST, Block] = {}
        self.shifts: list[ast.BinOp] = []
        self.made: set[str] = set()
        self.module = Owner(tree, None)
        self.owners: dict[ast.AST, Owner] = {tree: self.module}
        self._pending: list[Block] = []
        self._names_before: list[int] = []
        self._add(Block(tree, "body", None, self.module))
        self._visit_all()
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

    @cached_property
    def block_of_name(self) -> dict[ast.Name, Block]:
        """The block of each name, but for those that only annotate."""
        found: dict[ast.Name, Block] = {}
        names, starts = self.nodes[ast.Name], self._names_before
        for block, start, end in zip(self._pending, starts, [*starts[1:], len(names)], strict=True):
            found.update(dict.fromkeys(names[start:end], block))
        return found

    def _add(self, block: Block) -> None:
        block.owner.blocks.append(block)
        self._pending.append(block)

    def _visit_all(self) -> None:
        nodes, fields, special, short, parts, with_value = self.nodes, _FIELDS, _SPECIAL, _SHORT, _PARTS, _WITH_VALUE
        # Most nodes are of these types, which are not looked up.
        name_type, constant_type, attribute_type, call_type, keyword_type = _FREQUENT
        names, constants, attributes, every_call, keywords = [nodes[kind] for kind in _FREQUENT]
        for block in self._pending:
            self._names_before.append(len(names))
            calls = block.calls
            statements = getattr(block.node, block.part)
            waiting: list[Any] = list(statements) if type(statements) is list else [statements]
            push = waiting.append
            for node in waiting:
                kind = type(node)
                if kind is name_type:
                    names.append(node)
                elif kind is constant_type:
                    constants.append(node)
                elif kind is attribute_type:
                    attributes.append(node)
                    push(node.value)
                elif kind is call_type:
                    calls.append(node)
                    push(node.func)
                    waiting += node.args
                    waiting += node.keywords
                elif kind is keyword_type:
                    keywords.append(node)
                    push(node.value)
                elif kind in short:
                    nodes[kind].append(node)
                    waiting += short[kind](self, node, block)
                elif kind in with_value:
                    nodes[kind].append(node)
                    push(node.value)
                elif kind in parts:
                    nodes[kind].append(node)
                    waiting += parts[kind](node)
                else:
                    nodes[kind].append(node)
                    if kind in special:
                        special[kind](self, node, block)
                    for name in fields[kind]:
                        child = getattr(node, name)
                        if type(child) is list:
                            waiting += child
                        elif child is not None:
                            push(child)
            every_call += calls
            self.block_of.update(dict.fromkeys(calls, block))

    def import_(self, node: ast.Import | ast.ImportFrom, block: Block) -> Nodes:
        self.block_of[node] = block
        return ()

    def operation(self, node: ast.BinOp, block: Block) -> Nodes:
        if type(node.op) in _SHIFTS:
            self.shifts.append(node)
            self.block_of[node] = block
        return node.left, node.right

    def function(self, node: FunctionNode, block: Block) -> Nodes:
        self.bind(node.name, node, block, node.lineno)
        self._enter(node, block)
        return [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults]

    def class_(self, node: ast.ClassDef, block: Block) -> None:
        self.bind(node.name, node, block, node.lineno)
        self._enter(node, block)

    def _enter(self, node: Any, block: Block) -> None:
        self.block_of[node] = block
        owner = self.owners[node] = Owner(node, block)
        self._add(Block(node, "body", block, owner))

    def inner_blocks(self, node: Any, block: Block) -> None:
        self.block_of[node] = block
        for part in _BLOCKS[type(node)]:
            if getattr(node, part):
                self._add(Block(node, part, block, block.owner))

    def if_(self, node: ast.If, block: Block) -> Nodes:
        self.block_of[node] = block
        dead = _not_at_import(node.test)
        self._add(Block(node, "body", block, block.owner, dead == "body"))
        if node.orelse:
            self._add(Block(node, "orelse", block, block.owner, dead == "orelse"))
        return (node.test,)

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

    def assign(self, node: ast.Assign, block: Block) -> Nodes:
        for target in node.targets:
            if type(target) is ast.Name:
                self.bind(target.id, node.value, block, node.lineno)
            elif type(target) in _SEVERAL:
                self._bind_unpacked(target, node.value, block)
        return [*node.targets, node.value]

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

    def bind(self, name: str, node: Any, block: Block, line: int, each: bool = False, entered: bool = False) -> None:
        bindings, binding = block.owner.bindings, Binding(node, block, line, each, entered)
        if type(node) in _MAKING:
            self.made.add(name)
        if name in bindings:
            bindings[name].append(binding)
        else:
            bindings[name] = [binding]

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


def _names(target: ast.expr) -> Iterable[ast.Name]:
    waiting: list[ast.expr] = [target]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node
        elif isinstance(node, (ast.Tuple, ast.List)):
            waiting += node.elts
        elif isinstance(node, ast.Starred):
            waiting.append(node.value)


def _not_at_import(test: ast.expr) -> str:
    """The branch of an ``if`` that an import does not run."""
    if isinstance(test, (ast.Name, ast.Attribute)):
        return "body" if getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING" else ""
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], (ast.Eq, ast.NotEq)):
        compared = (test.left, test.comparators[0])
        sides = {side.id if isinstance(side, ast.Name) else getattr(side, "value", None) for side in compared}
        if sides == {"__name__", "__main__"}:
            return "body" if isinstance(test.ops[0], ast.Eq) else "orelse"
    return ""


# By exact type: what is to be noted of a node before its fields are gone through,
_SPECIAL: dict[type, Callable[[Index, Any, Block], None]] = {
    ast.ClassDef: Index.class_,
    ast.Lambda: Index._enter,
    **dict.fromkeys((ast.For, ast.AsyncFor), Index.for_),
    **dict.fromkeys((ast.With, ast.AsyncWith), Index.with_),
    **dict.fromkeys((ast.While, ast.Try, ast.TryStar, ast.match_case), Index.inner_blocks),
    ast.ExceptHandler: Index.handler,
    ast.AnnAssign: Index.ann_assign,
    ast.NamedExpr: Index.named,
    **dict.fromkeys((ast.AugAssign, ast.comprehension), Index.unknown_target),
    ast.Delete: Index.delete,
    **dict.fromkeys((ast.MatchAs, ast.MatchStar, ast.MatchMapping), Index.capture),
    **dict.fromkeys((ast.Global, ast.Nonlocal), Index.free),
}
# and for the most frequent types who gives what is below, which is quicker.
_SHORT: dict[type, Callable[[Index, Any, Block], Nodes]] = {
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), Index.function),
    ast.If: Index.if_,
    **dict.fromkeys((ast.Import, ast.ImportFrom), Index.import_),
    ast.BinOp: Index.operation,
    ast.Assign: Index.assign,
}
