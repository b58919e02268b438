"""What a file says about the order of its tasks: ``>>``, ``set_upstream``, ``chain``, what TaskFlow calls pass on."""

from __future__ import annotations

import ast
from collections import defaultdict
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from mwaalint.model.dag_model import Edge, Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.documents.python_blocks import Block
    from mwaalint.model.dag_reading import DagCode

_DEEPEST = 30
_SHIFTS = frozenset({ast.RShift, ast.LShift})
_MOST_EDGES = 20_000
_ORDERING = frozenset({"set_upstream", "set_downstream", "chain", "chain_linear", "cross_downstream"})


def read_edges(code: DagCode) -> Iterator[Edge]:
    """The dependencies between tasks that the file surely shows, as far as anybody would draw them."""
    return islice(_read_all(code), _MOST_EDGES)


def join(edges: Sequence[Edge]) -> None:
    """Puts tasks that name no DAG into the one of the tasks they are ordered with, as Airflow does."""
    if all(edge.up.dag is not None and edge.down.dag is not None for edge in edges):
        return
    beside: defaultdict[Task, list[Task]] = defaultdict(list)
    for edge in edges:
        beside[edge.up].append(edge.down)
        beside[edge.down].append(edge.up)
    placed = [task for task in beside if task.dag is not None]
    while placed:
        task = placed.pop()
        for other in beside[task]:
            if other.dag is None and "dag" not in other.arguments:
                other.dag, other.joined = task.dag, True
                placed.append(other)


def _read_all(code: DagCode) -> Iterator[Edge]:
    if not code.stated_tasks:
        return
    reader = _Edges(code)
    for node in code.document.index.shifts:
        yield from reader.shifted(node)
    called, calls = code.document.called_by_last, code.document.calls_by_dotted
    ordering = {dotted: name for name in _ORDERING if name in called for dotted in called[name]}
    for dotted in filter(ordering.__contains__, calls) if ordering else ():
        for call in calls[dotted]:
            yield from reader.called(call, ordering[dotted])
    for task in code.stated_tasks:
        if task.decorated:
            yield from reader.passed(task)


class _Edges:
    def __init__(self, code: DagCode) -> None:
        self.code = code
        self._document = code.document
        self._task_of = code.task_of
        self._found: dict[ast.expr, list[Task]] = {}

    def shifted(self, node: ast.BinOp) -> Iterator[Edge]:
        block = self._document.block(node)
        left, right = self.tasks(_end(node.left), block), self.tasks(node.right, block)
        return _between(left, right, node) if isinstance(node.op, ast.RShift) else _between(right, left, node)

    def called(self, call: ast.Call, name: str) -> Iterator[Edge]:
        func = call.func
        block = self._document.block(call)
        if name in ("set_upstream", "set_downstream") and isinstance(func, ast.Attribute) and call.args:
            own, others = self.tasks(func.value, block), self.tasks(call.args[0], block)
            yield from _between(others, own, call) if name == "set_upstream" else _between(own, others, call)
        elif name in ("chain", "chain_linear") and not any(isinstance(each, ast.Starred) for each in call.args):
            yield from self._chained(call.args, call, block, crossed=name == "chain_linear")
        elif name == "cross_downstream" and len(call.args) == 2:
            yield from _between(self.tasks(call.args[0], block), self.tasks(call.args[1], block), call)

    def _chained(self, parts: Sequence[ast.expr], call: ast.Call, block: Block, *, crossed: bool) -> Iterator[Edge]:
        for left, right in pairwise(parts):
            if not crossed and isinstance(left, (ast.List, ast.Tuple)) and isinstance(right, (ast.List, ast.Tuple)):
                for one, other in zip(left.elts, right.elts, strict=False):
                    yield from _between(self.tasks(one, block), self.tasks(other, block), call)
            else:
                yield from _between(self.tasks(left, block), self.tasks(right, block), call)

    def passed(self, task: Task) -> Iterator[Edge]:
        """A TaskFlow call runs after the tasks whose results it is given."""
        for given in (*task.node.args, *(keyword.value for keyword in task.node.keywords)):
            yield from _between(self.tasks(_whole(given), task.block), [task], task.node)

    def tasks(self, node: ast.expr, block: Block, depth: int = 0) -> list[Task]:
        """The tasks an expression stands for; empty where that cannot be told."""
        if type(node) is ast.Name:
            bound = self._bound(node, block)
            if bound is None:
                return []
            node, block = bound
        task = self._task_of.get(node)
        if task is not None:
            return [task]
        if node not in self._found and depth <= _DEEPEST:
            self._found[node] = []  # what holds itself
            self._found[node] = self._tasks(node, block, depth)
        return self._found.get(node, [])

    def _tasks(self, node: ast.expr, block: Block, depth: int) -> list[Task]:
        match node:
            case ast.Name():
                return self.tasks(node, block, depth + 1)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [task for item in items for task in self.tasks(item, block, depth + 1)]
            case ast.BinOp(op=ast.RShift() | ast.LShift(), right=right):
                return self.tasks(right, block, depth + 1)
            case ast.Call():
                group = self.code.group_named(node, block)
                return group.tasks if group else []
            case _:
                return []

    def _bound(self, name: ast.Name, block: Block) -> tuple[ast.expr, Block] | None:
        """The expression behind a name, and the block that reads it."""
        binding = self._document.lookup(name, block)
        if binding is None or binding.each or not isinstance(binding.node, ast.expr):
            return None
        return None if name.id in self._document.changed else (binding.node, binding.block)


def _between(up: Sequence[Task], down: Sequence[Task], node: ast.AST) -> Iterator[Edge]:
    return (Edge(first, second, node) for first in up for second in down)


def _end(node: ast.expr) -> ast.expr:
    """What the next ``>>`` starts from: ``a >> b`` is b."""
    while isinstance(node, ast.BinOp) and type(node.op) in _SHIFTS:
        node = node.right
    return node


def _whole(node: ast.expr) -> ast.expr:
    """The task whose result is passed: ``a`` of ``a.output`` and ``a["key"]``."""
    while isinstance(node, ast.Subscript) or (isinstance(node, ast.Attribute) and node.attr == "output"):
        node = node.value
    return node
