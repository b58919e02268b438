"""How many DAGs one Python file makes when Airflow imports it, told from its syntax tree alone."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.cached import cached_property
from mwaalint.documents.python import dotted
from mwaalint.documents.python_walk import walk
from mwaalint.model.dag_names import is_dag_class
from mwaalint.model.dags import Count
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from mwaalint.documents.python_blocks import Block
    from mwaalint.documents.python_document import PythonDocument

    Function = ast.FunctionDef | ast.AsyncFunctionDef
    Scope = Function | None

# Libraries that make DAGs out of files or classes this reader does not know.
_GENERATORS = frozenset({"dagfactory", "dag_factory", "gusty", "boundary_layer", "airflow_declarative"})
_DAG_NAME = regex(r"(^|_)dags?\d*$", re.IGNORECASE)
_RUNS_TEXT = frozenset({"exec", "eval", "importlib.import_module"})
_MAKING = frozenset({"exec", "eval", "import_module", "update"})
_NAMESPACES = frozenset({"globals", "locals", "vars"})
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DEEPEST = 50

_ENDLESS = "DAGs are made in a loop over something that only a run can tell"


@dataclass(slots=True)
class _Found:
    """What the walk collects. The numbers are how often a node runs when its scope runs once, None when unknown."""

    created: list[tuple[Scope, int | None]] = field(default_factory=list)
    decorated: list[tuple[Function, Scope, int | None]] = field(default_factory=list)
    calls: dict[str, list[tuple[Scope, int | None]]] = field(default_factory=dict)
    loaded: dict[str, int] = field(default_factory=dict)
    called: dict[str, int] = field(default_factory=dict)
    dynamic: str = ""


def count_dags(document: PythonDocument) -> Count:
    """The DAGs a file makes at import.

    A function that makes DAGs counts once for each plain call in the file. Where two branches each make one, both
    count, so a number is never too small.
    """
    if not _GENERATORS.isdisjoint(document.packages):
        return Count(None, "a library generates the DAGs")
    found = _Collector(document).collected()
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


class _Collector:
    """Looks at the calls, decorated functions and assignments of a file, each with how often its scope runs it."""

    def __init__(self, document: PythonDocument) -> None:
        self.document = document
        self.found = _Found()
        self._times: dict[Block, tuple[Scope, int | None]] = {}

    def collected(self) -> _Found:
        index, found = self.document.index, self.found
        for function, decorators in self.document.decorators.items():
            if any(_is_dag_decorator(dotted) for _, dotted in decorators):
                found.decorated.append((function, *self._runs(index.block_of[function])))
        for statement in index.nodes.get(ast.Assign, ()) if self._keeps() else ():
            if isinstance(statement.value, ast.Call):
                self._note_assignment(statement, statement.value)
        called = self.document.called_by_last
        named = {origin: last for last in called if _matters(last) for origin in called[last]}
        for origin in filter(named.__contains__, self.document.calls_by_dotted):
            for call in self.document.calls_by_dotted[origin]:
                self._note_call(call, origin, named[origin])
        if found.decorated or any(scope is not None for scope, _ in found.created):
            self._note_functions()
        return found

    def _keeps(self) -> bool:
        """Whether an assignment may keep DAGs that something else makes: in the module's namespace, or by a name."""
        if not self.document.called_by_last.keys().isdisjoint(_NAMESPACES):
            return True
        index = self.document.index
        names = [name for name in index.made if "dag" in name.lower()]
        # What binds names that stay for Airflow to see.
        owners = [index.module, *(index.owners[each] for each in index.nodes.get(ast.ClassDef, ()))] if names else []
        made = (binding.node for owner in owners for name in names for binding in owner.bindings.get(name, ()))
        return any(isinstance(node, ast.Call) and _from_elsewhere(node.func, self.document) for node in made)

    def _note_functions(self) -> None:
        """How the functions of the file are used: by plain calls, or in another way as well."""
        names = self.document.index.nodes.get(ast.Name, ())
        self.found.loaded = Counter(name.id for name in names if type(name.ctx) is ast.Load)
        for name in {function.name for function in self.document.functions}:
            calls = self.document.calls_by_dotted.get(name, ())
            self.found.called[name] = len(calls)
            self.found.calls[name] = [self._times_of(call) for call in calls]

    def _times_of(self, call: ast.Call) -> tuple[Scope, int | None]:
        scope, times = self._runs(self.document.index.block_of[call])
        return scope, _multiplied(times, self._inside.get(call, 1))

    @cached_property
    def _inside(self) -> dict[ast.AST, int | None]:
        """The calls inside comprehensions, with how often these make them."""
        inside: dict[ast.AST, int | None] = {}
        for comprehension in (each for kind in _COMPREHENSIONS for each in self.document.index.nodes.get(kind, ())):
            calls = [node for node in walk(comprehension) if isinstance(node, ast.Call)]
            times: int | None = 1
            for generator in comprehension.generators if calls else ():
                times = _multiplied(times, self.document.names.length(generator.iter))
            inside |= {call: _multiplied(inside.get(call, 1), times) for call in calls}
        return inside

    def _runs(self, block: Block) -> tuple[Scope, int | None]:
        """The function around a block, and how often that runs the block when it runs once."""
        if block not in self._times:
            self._times[block] = self._counted(block)
        return self._times[block]

    def _counted(self, block: Block) -> tuple[Scope, int | None]:
        node, outer = block.node, block.outer
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return node, 1
        if outer is None:
            return None, 1
        scope, times = self._runs(outer)
        if isinstance(node, (ast.While, ast.ClassDef, ast.Lambda)):
            return scope, None
        if isinstance(node, (ast.For, ast.AsyncFor)) and block.part == "body":
            return scope, _multiplied(times, self.document.names.length(node.iter))
        return scope, times

    def _note_assignment(self, statement: ast.Assign, value: ast.Call) -> None:
        if not any(_is_namespace(target) or _is_named_dag(target) for target in statement.targets):
            return
        scope, times = self._runs(self.document.index.block_of[value])
        if any(_keeps_dag(target, scope) for target in statement.targets) and _from_elsewhere(
            value.func, self.document
        ):
            self.found.dynamic = f"{dotted(value.func)}() comes from another module and may make DAGs"
        elif times is None and any(_is_namespace(target) for target in statement.targets):
            self.found.dynamic = _ENDLESS

    def _note_call(self, node: ast.Call, origin: str, last: str) -> None:
        found = self.found
        if is_dag_class(origin):
            found.created.append(self._times_of(node))
        elif last.endswith(("DAG", "Dag")) and not origin.startswith("airflow."):
            found.dynamic = f"{last} is a DAG class of its own"
        elif origin in _RUNS_TEXT:
            if self._scope(node) is None:
                found.dynamic = f"the file calls {origin} when it is imported"
        elif last == "update":
            if isinstance(node.func, ast.Attribute) and _is_namespace_call(node.func.value):
                found.dynamic = "DAGs are put into the module's namespace in bulk"
        elif "dag" in last.lower() and _from_elsewhere(node.func, self.document) and self._scope(node) is None:
            found.dynamic = f"{last}() comes from another module and may make DAGs"

    def _scope(self, node: ast.Call) -> Scope:
        return self._runs(self.document.index.block_of[node])[0]


@lru_cache(maxsize=10_000)
def _matters(last: str) -> bool:
    """Whether a call may make DAGs, by the last part of its name."""
    return last in _MAKING or "dag" in last.lower()


def _multiplied(times: int | None, length: int | None) -> int | None:
    return None if times is None or length is None else times * length


def _is_dag_decorator(origin: str) -> bool:
    return origin == "dag" or (origin.startswith("airflow.") and origin.endswith(".dag"))


def _from_elsewhere(maker: ast.expr, document: PythonDocument) -> bool:
    """Whether a function was imported from a module that is not Airflow's nor Cosmos's."""
    if document.dotted(maker).partition(".")[0] in ("airflow", "cosmos"):
        return False
    return dotted(maker).partition(".")[0] in document.imported


def _keeps_dag(target: ast.expr, scope: Scope) -> bool:
    if _is_namespace(target):
        return True
    return scope is None and _is_named_dag(target)


def _is_named_dag(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and _DAG_NAME.search(target.id) is not None


def _is_namespace(target: ast.expr) -> bool:
    return isinstance(target, ast.Subscript) and _is_namespace_call(target.value)


def _is_namespace_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NAMESPACES
