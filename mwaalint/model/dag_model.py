"""DAGs and tasks as DAG code writes them: their arguments, where they are, and what depends on what."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.cached import cached_property
from mwaalint.model.values import ABSENT, Absent, OneOf, Unresolved, Value, is_set, known, member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mwaalint.documents.python_blocks import Block, FunctionNode
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Location
    from mwaalint.model.dag_values import DagValues

# The arguments that say when a DAG runs, in each version's spelling.
SCHEDULES = ("schedule", "schedule_interval", "timetable")


@dataclass(slots=True, eq=False)
class Arguments:
    """What a call passes by name, as nodes; their values are computed when asked for.

    ``unknown`` is what is spread into the call and cannot be followed: more names may be set.
    """

    nodes: Mapping[str, ast.expr]
    values: DagValues
    block: Block
    spread: Mapping[str, Value]
    unknown: Unresolved | None = None

    def __contains__(self, name: str) -> bool:
        return name in self.nodes or name in self.spread

    def value(self, name: str) -> Value:
        """An argument's value: Absent when it is surely not passed, Unresolved when it may be."""
        node = self.nodes.get(name)
        if node is not None:
            return self.values.value(node, self.block)
        if name in self.spread:
            return self.spread[name]
        return self.unknown or ABSENT

    def expression(self, name: str) -> ast.expr | None:
        """The expression of an argument, names followed; None where it is not passed or cannot be told."""
        node = self.nodes.get(name)
        return self.values.document.followed(node, self.block)[0] if node is not None else None

    def entry(self, name: str, key: str) -> ast.expr | None:
        """The expression of an entry of the dict that is passed as ``name``, names followed."""
        written = self.written_entry(name, key)
        return self.values.document.followed(*written)[0] if written else None

    def written_entry(self, name: str, key: str) -> tuple[ast.expr, Block | None] | None:
        """An entry of the dict that is passed as ``name`` as it is written, and the block that reads it."""
        node = self.nodes.get(name)
        if node is None:
            return None
        held, block = self.values.document.followed(node, self.block)
        match held:
            case ast.Dict(keys=keys, values=values):
                found = [value for at, value in zip(keys, values, strict=True) if _is_text(at, key)]
            case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
                found = [each.value for each in keywords if each.arg == key]
            case _:
                found = []
        return (found[-1], block) if found else None


@dataclass(eq=False)
class Dag:
    """One DAG, or what makes several alike.

    ``node`` is the call of DAG or DbtDag, or the function that ``@dag`` decorates, and ``kind`` its class or "dag".
    ``repeated`` tells that a loop or a function makes it, perhaps more than once; ``conditional`` that it may not be
    made at all.
    """

    document: PythonDocument
    node: ast.Call | FunctionNode
    kind: str
    dag_id: Value
    arguments: Arguments
    block: Block
    symbol: str = ""
    repeated: bool = False
    conditional: bool = False
    tasks: list[Task] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    @property
    def location(self) -> Location:
        """The name of the class where it is called, or the line of the function."""
        return self.document.location(self.node if not isinstance(self.node, ast.Call) else self.node.func, self.symbol)

    def argument(self, name: str) -> Value:
        """An argument of the DAG itself."""
        return self.arguments.value(name)

    def expression(self, name: str) -> ast.expr | None:
        """What is written for an argument: its own, else that of its default arguments; None where that is unknown."""
        return self.arguments.expression(name) or self.arguments.entry("default_args", name)

    def default(self, name: str) -> Value:
        """A default argument of its tasks."""
        return member(self._defaults, name)

    @cached_property
    def _defaults(self) -> Value:
        return self.argument("default_args")


@dataclass(slots=True, eq=False)
class Group:
    """A task group. ``prefix`` is what it puts before the ids of its tasks, "" when nothing."""

    group_id: Value
    prefix: Value
    arguments: Arguments
    outer: Group | None
    repeated: bool
    tasks: list[Task] = field(default_factory=list)

    def around(self) -> Iterator[Group]:
        """The group and those around it, from the inside."""
        group: Group | None = self
        while group is not None:
            yield group
            group = group.outer


@dataclass(eq=False)
class Task:
    """One task, or what makes several alike.

    ``operator`` is the dotted class as imported ("airflow.operators.bash.BashOperator"), or the decorator of a
    decorated function ("task", "task.bash"), whose definition is ``function``. ``node`` is the call that makes the
    task; of a mapped one the ``partial``. ``dag`` is None when the code does not show it; a task that has ``joined`` it
    through its order alone was made without the DAG's default arguments.
    """

    document: PythonDocument
    node: ast.Call
    operator: str
    arguments: Arguments
    block: Block
    dag: Dag | None = None
    group: Group | None = None
    function: FunctionNode | None = None
    mapped: bool = False
    joined: bool = False

    @property
    def own_id(self) -> Value:
        """The id without the groups' prefixes."""
        stated = self.arguments.value("task_id")
        if self.function is None or is_set(stated):
            return stated
        return self.arguments.values.known(self.function, self.function.name)

    @cached_property
    def task_id(self) -> Value:
        """The id with the prefixes of its groups."""
        task_id = self.own_id
        for group in self._groups:
            task_id = self.arguments.values.prefixed(group.prefix, task_id)
        return task_id

    @property
    def symbol(self) -> str:
        """The id where that is a known text, "" otherwise."""
        node = self.arguments.nodes.get("task_id")
        # Most ids need no more than a look.
        if self.group is None and isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        return known(self.task_id, str) or ""

    @cached_property
    def repeated(self) -> bool:
        """Whether a loop makes it, perhaps more than once."""
        if self.block.repeats or any(group.repeated for group in self._groups):
            return True
        return isinstance(self.own_id, OneOf)

    @property
    def _groups(self) -> Iterable[Group]:
        """The groups around it, from the inside."""
        return self.group.around() if self.group is not None else ()

    @property
    def location(self) -> Location:
        """The name of the operator or function where it is called."""
        return self.document.location(self.node.func, self.symbol)

    @property
    def class_name(self) -> str:
        """The last part of the operator."""
        return self.operator.rpartition(".")[2]

    @property
    def decorated(self) -> bool:
        """Whether it is a function with ``@task``. Airflow numbers these when their ids repeat."""
        return self.function is not None

    def argument(self, name: str) -> Value:
        """An argument: the task's own, else the default of its groups and its DAG. Where the DAG is not known and the
        task has none of its own, Unresolved.
        """
        own = self.arguments.value(name)
        if not isinstance(own, Absent):
            return own
        for group in self._groups:
            found = member(group.arguments.value("default_args"), name)
            if not isinstance(found, Absent):
                return found
        if self.dag is not None:
            return ABSENT if self.joined else self.dag.default(name)
        return Unresolved("", "the code does not show which DAG it belongs to", self.location)

    def takes_default(self, name: str) -> bool:
        """Whether an argument surely comes from the default arguments of the DAG, where these have it."""
        if self.dag is None or self.joined or self.group is not None:
            return False
        return self.arguments.unknown is None and name not in self.arguments

    def expression(self, name: str) -> ast.expr | None:
        """What is written for an argument, from where ``argument`` takes it; None where that cannot be told. The place
        for a finding on it.
        """
        if name in self.arguments:
            return self.arguments.expression(name)
        return next((found for each in self._holders() if (found := each.entry("default_args", name))), None)

    def written(self, name: str) -> ast.expr | None:
        """The same as it stands in the call or the default arguments, perhaps a name for it."""
        if name in self.arguments:
            return self.arguments.nodes.get(name)
        entries = (each.written_entry("default_args", name) for each in self._holders())
        return next((entry[0] for entry in entries if entry), None)

    def _holders(self) -> list[Arguments]:
        """What may hold default arguments of the task, from the inside."""
        groups = [group.arguments for group in self._groups]
        return [*groups, self.dag.arguments] if self.dag and not self.joined else groups


def _is_text(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


class Edge(NamedTuple):
    """``down`` runs after ``up``; ``node`` is what says so."""

    up: Task
    down: Task
    node: ast.AST
