"""How many DAGs one Python file makes when Airflow imports it, told from its syntax tree alone."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents.python import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python import Names

    Function = ast.FunctionDef | ast.AsyncFunctionDef
    Scope = Function | None

# Libraries that make DAGs out of files or classes this reader does not know.
_GENERATORS = frozenset({"dagfactory", "dag_factory", "gusty", "boundary_layer", "airflow_declarative"})
_DAG_CLASS = re.compile(r"(DAG|Dag)$")
_DAG_NAME = re.compile(r"(^|_)dags?\d*$", re.IGNORECASE)
_RUNS_TEXT = frozenset({"exec", "eval", "importlib.import_module"})
_NAMESPACES = frozenset({"globals", "locals", "vars"})
_DEEPEST = 50

_ENDLESS = "DAGs are made in a loop over something that only a run can tell"


class Count(NamedTuple):
    """A number of DAGs, or None and the reason why it cannot be told."""

    number: int | None
    reason: str = ""


@dataclass(slots=True)
class _Found:
    """What the walk collects. The numbers are how often a node runs when its scope runs once, None when unknown."""

    created: list[tuple[Scope, int | None]] = field(default_factory=list)
    decorated: list[tuple[Function, Scope, int | None]] = field(default_factory=list)
    calls: dict[str, list[tuple[Scope, int | None]]] = field(default_factory=dict)
    loaded: Counter[str] = field(default_factory=Counter)
    called: Counter[str] = field(default_factory=Counter)
    dynamic: str = ""


def count_dags(tree: ast.Module, names: Names) -> Count:
    """The DAGs a file makes at import.

    A function that makes DAGs counts once for each plain call in the file. Where two branches each make one, both
    count, so a number is never too small.
    """
    if any(module.partition(".")[0] in _GENERATORS for module in names.modules):
        return Count(None, "a library generates the DAGs")
    found = _collected(tree, names)
    if found.dynamic:
        return Count(None, found.dynamic)
    return _total(found)


def _total(found: _Found) -> Count:
    runs = _Runs(found)
    total = 0
    for scope, times in found.created:
        number = runs.product(scope, times)
        if number is None or (scope is not None and runs.of(scope) == 0):
            return _uncounted(scope, number)
        total += number
    for function, scope, times in found.decorated:
        defined, called = runs.product(scope, times), runs.of(function)
        if defined is None or called is None or (scope is not None and runs.of(scope) == 0):
            return _uncounted(scope, defined)
        total += max(defined, called)
    return Count(total)


def _uncounted(scope: Scope, number: int | None) -> Count:
    if number == 0 and scope is not None:
        return Count(None, f"the function {scope.name} makes DAGs and is not called in its own file")
    return Count(None, _ENDLESS)


class _Runs:
    """How often each function of a file runs at import, by its plain calls."""

    def __init__(self, found: _Found) -> None:
        self._found = found
        self._known: dict[ast.AST, int | None] = {}

    def product(self, scope: Scope, times: int | None, depth: int = 0) -> int | None:
        runs = self.of(scope, depth)
        return None if runs is None or times is None else runs * times

    def of(self, scope: Scope, depth: int = 0) -> int | None:
        if scope is None:
            return 1
        if scope not in self._known:
            self._known[scope] = None  # a function that calls itself has no plain number
            self._known[scope] = self._counted(scope, depth)
        return self._known[scope]

    def _counted(self, function: Function, depth: int) -> int | None:
        name = function.name
        if depth > _DEEPEST or self._found.loaded[name] > self._found.called[name]:
            return None
        total = 0
        for scope, times in self._found.calls.get(name, ()):
            number = self.product(scope, times, depth + 1)
            if number is None:
                return None
            total += number
        return total


def _collected(tree: ast.Module, names: Names) -> _Found:
    found = _Found()
    pending: list[tuple[ast.AST, Scope, int | None]] = [(tree, None, 1)]
    while pending:
        node, scope, times = pending.pop()
        _note(node, scope, times, names, found)
        pending += _children(node, scope, times, names)
    return found


def _note(node: ast.AST, scope: Scope, times: int | None, names: Names, found: _Found) -> None:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            found.loaded[name] += 1
        case ast.Call():
            _note_call(node, scope, times, names, found)
        case ast.FunctionDef() | ast.AsyncFunctionDef() if any(
            _is_dag_decorator(d, names) for d in node.decorator_list
        ):
            found.decorated.append((node, scope, times))
        case ast.Assign(targets=targets, value=ast.Call(func=maker)):
            if any(_keeps_dag(target, scope) for target in targets) and _from_elsewhere(maker, names):
                found.dynamic = f"{dotted(maker)}() comes from another module and may make DAGs"
            elif times is None and any(_is_namespace(target) for target in targets):
                found.dynamic = _ENDLESS
        case _:
            pass


def _note_call(node: ast.Call, scope: Scope, times: int | None, names: Names, found: _Found) -> None:
    origin = names.resolved(node.func)
    last = origin.rpartition(".")[2]
    if isinstance(node.func, ast.Name):
        found.called[node.func.id] += 1
        found.calls.setdefault(node.func.id, []).append((scope, times))
    if _is_dag_class(origin):
        found.created.append((scope, times))
    elif _DAG_CLASS.search(last) and not origin.startswith("airflow."):
        found.dynamic = f"{last} is a DAG class of its own"
    elif scope is None and origin in _RUNS_TEXT:
        found.dynamic = f"the file calls {origin} when it is imported"
    elif scope is None and "dag" in last.lower() and _from_elsewhere(node.func, names):
        found.dynamic = f"{last}() comes from another module and may make DAGs"
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "update" and _is_namespace_call(node.func.value):
        found.dynamic = "DAGs are put into the module's namespace in bulk"


def _children(
    node: ast.AST, scope: Scope, times: int | None, names: Names
) -> Iterator[tuple[ast.AST, Scope, int | None]]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            outside = [*node.decorator_list, node.args]
            yield from ((child, scope, times) for child in outside)
            yield from ((child, node, 1) for child in node.body)
        case ast.For() | ast.AsyncFor():
            inside = _multiplied(times, names.length(node.iter))
            yield from ((child, scope, times) for child in (node.iter, *node.orelse))
            yield from ((child, scope, inside) for child in (node.target, *node.body))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            inside = times
            for generator in node.generators:
                inside = _multiplied(inside, names.length(generator.iter))
            yield from ((child, scope, inside) for child in ast.iter_child_nodes(node))
        case ast.While() | ast.ClassDef() | ast.Lambda():
            yield from ((child, scope, None) for child in ast.iter_child_nodes(node))
        case _:
            yield from ((child, scope, times) for child in ast.iter_child_nodes(node))


def _multiplied(times: int | None, length: int | None) -> int | None:
    return None if times is None or length is None else times * length


def _is_dag_class(origin: str) -> bool:
    """Airflow's DAG and Cosmos's DbtDag, also under a star import."""
    package, _, last = origin.rpartition(".")
    return last in ("DAG", "DbtDag") and package.partition(".")[0] in ("", "airflow", "cosmos")


def _is_dag_decorator(node: ast.expr, names: Names) -> bool:
    origin = names.resolved(node.func if isinstance(node, ast.Call) else node)
    return origin == "dag" or (origin.startswith("airflow.") and origin.endswith(".dag"))


def _from_elsewhere(maker: ast.expr, names: Names) -> bool:
    """Whether a function was imported from a module that is not Airflow's nor Cosmos's."""
    origin = names.resolved(maker)
    first = origin.partition(".")[0]
    written = dotted(maker).partition(".")[0]
    return bool(origin) and written in names.imported and first not in ("airflow", "cosmos")


def _keeps_dag(target: ast.expr, scope: Scope) -> bool:
    if _is_namespace(target):
        return True
    return scope is None and isinstance(target, ast.Name) and _DAG_NAME.search(target.id) is not None


def _is_namespace(target: ast.expr) -> bool:
    return isinstance(target, ast.Subscript) and _is_namespace_call(target.value)


def _is_namespace_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMESPACES
