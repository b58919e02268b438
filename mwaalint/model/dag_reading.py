"""Reads the DAGs and tasks off one Python file."""

from __future__ import annotations

import ast
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, cast

from mwaalint.cached import cached_property
from mwaalint.model._dag_edges import join, read_edges
from mwaalint.model.dag_model import Arguments, Dag, Group, Task
from mwaalint.model.dag_names import (
    DAG_CLASSES,
    GROUP_CLASSES,
    decorator_name,
    is_airflows,
    is_class,
    is_dag_class,
    passes_id,
)
from mwaalint.model.dag_values import DagValues
from mwaalint.model.values import ABSENT, Known, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mwaalint.documents.python_blocks import Block, FunctionNode
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.metadata_scripts import Statement

# Tuples are asked more quickly than unions.
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_WITH = (ast.With, ast.AsyncWith)
_PLACE = attrgetter("node.lineno", "node.col_offset")
_EXPANDING = frozenset({"expand", "expand_kwargs"})


class DagCode:
    """The DAGs and tasks of a file, each read when first asked for."""

    def __init__(self, document: PythonDocument) -> None:
        self.document = document
        self.values = DagValues(document)
        self._groups: dict[ast.AST, Group | None] = {}
        # Most tasks stand in a block with others.
        # By block, as most tasks stand in one with others: the group and the DAG of what it makes.
        self._around: dict[Block, tuple[Group | None, Dag | None]] = {}

    @cached_property
    def dags(self) -> list[Dag]:
        """The DAGs in the order of the file, with their tasks and edges."""
        dags = sorted(self._by_node.values(), key=_PLACE)
        for task in self.stated_tasks:
            for group in task.group.around() if task.group else ():
                group.tasks.append(task)
        edges = list(read_edges(self)) if dags else []
        join(edges)
        for task in self.stated_tasks:
            if task.dag is not None:
                task.dag.tasks.append(task)
        for edge in edges:
            dag = edge.up.dag
            if dag is not None and dag is edge.down.dag:
                dag.edges.append(edge)
        return dags

    def close(self) -> None:
        """Lets go of what refers to each other; see ``PythonDocument.close``."""
        for dag in self.__dict__.get("_by_node", {}).values():
            dag.tasks.clear()
            dag.edges.clear()
        for group in self._groups.values():
            if group is not None:
                group.tasks.clear()
        self.document.close()

    @cached_property
    def _by_node(self) -> dict[ast.AST, Dag]:
        called, calls = self.document.called_by_last, self.document.calls_by_dotted
        names = [dotted for name in DAG_CLASSES for dotted in called.get(name, ()) if is_dag_class(dotted)]
        found: dict[ast.AST, Dag] = {call: self._classic(call, dotted) for dotted in names for call in calls[dotted]}
        for function in self.document.decorators:
            decorator = self._decorator(function, ("dag",))
            if decorator is not None:
                found[function] = self._decorated(function, decorator)
        return found

    def _classic(self, call: ast.Call, dotted: str) -> Dag:
        block = self.document.block(call)
        arguments = self.arguments(call, ("dag_id", "description"), block)
        return self._dag(call, dotted.rpartition(".")[2], arguments, ABSENT, block)

    def _decorated(self, function: FunctionNode, decorator: ast.expr) -> Dag:
        block = self.document.block(function)
        arguments = self._decorator_arguments(decorator, ("dag_id",), block)
        return self._dag(function, "dag", arguments, self.values.known(function, function.name), block)

    def _dag(self, node: ast.Call | FunctionNode, kind: str, arguments: Arguments, named: Value, block: Block) -> Dag:
        dag_id = arguments.value("dag_id")
        dag_id = dag_id if is_set(dag_id) else named
        symbol = dag_id.value if isinstance(dag_id, Known) and isinstance(dag_id.value, str) else ""
        return Dag(
            document=self.document,
            node=node,
            kind=kind,
            dag_id=dag_id,
            arguments=arguments,
            block=block,
            symbol=symbol,
            repeated=block.repeats or block.owner is not self.document.index.module,
            conditional=block.conditional,
        )

    def arguments(self, call: ast.Call, positional: Sequence[str], block: Block) -> Arguments:
        """The arguments of a call, what is spread into it included."""
        nodes = {each.arg: each.value for each in call.keywords}
        if None in nodes or (positional and any(isinstance(each, ast.Starred) for each in call.args)):
            return self._spread(call, positional, block)
        if positional and call.args:
            nodes = {**dict(zip(positional, call.args, strict=False)), **nodes}
        return Arguments(cast("dict[str, ast.expr]", nodes), self.values, block, {})

    def _spread(self, call: ast.Call, positional: Sequence[str], block: Block) -> Arguments:
        nodes: dict[str, ast.expr] = {}
        spread: dict[str, Value] = {}
        unknown = None
        for name, given in zip(positional, call.args, strict=False):
            if isinstance(given, ast.Starred):
                unknown = self.values.missing(given, "what is spread into the call is not known")
                break
            nodes[name] = given
        for keyword in call.keywords:
            if keyword.arg is not None:
                nodes[keyword.arg] = keyword.value
                continue
            value = self.values.value(keyword.value, block)
            if isinstance(value, Known) and isinstance(value.value, dict):
                spread |= value.value
            else:
                unknown = self.values.missing(keyword.value, "what is spread into the call is not known")
        return Arguments(nodes, self.values, block, spread, unknown)

    def _decorator_arguments(self, decorator: ast.expr, positional: Sequence[str], block: Block) -> Arguments:
        if isinstance(decorator, ast.Call):
            return self.arguments(decorator, positional, block)
        return Arguments({}, self.values, block, {})

    def _decorator(self, function: FunctionNode, names: Sequence[str]) -> ast.expr | None:
        """The decorator of Airflow's with one of these names, with any variant: "task" also finds ``@task.bash``."""
        for decorator, dotted in self.document.decorators.get(function, ()):
            if decorator_name(dotted).partition(".")[0] in names:
                return decorator
        return None

    @cached_property
    def statements(self) -> list[Statement]:
        """The SELECT and COPY statements of the file."""
        from mwaalint.model.metadata_scripts import statements

        return statements(self)

    @cached_property
    def decorated(self) -> dict[FunctionNode, ast.expr]:
        """The functions that ``@task`` or one of its variants decorates, each with the decorator."""
        functions = self.document.decorators
        return {each: found for each in functions if (found := self._decorator(each, ("task", "sensor")))}

    @property
    def tasks(self) -> list[Task]:
        """The tasks in the order of the file, in the DAGs that they stand in or are ordered into."""
        self.dags  # noqa: B018 - reading the order puts tasks into DAGs
        return self.stated_tasks

    @cached_property
    def stated_tasks(self) -> list[Task]:
        """The tasks in the order of the file, as each stands for itself."""
        found = [*self._operators(), *self._taskflow_calls()]
        return sorted(found, key=_PLACE)

    @cached_property
    def task_of(self) -> dict[ast.AST, Task]:
        """The task that a call makes; of a mapped one also that of its ``expand``."""
        found: dict[ast.AST, Task] = {task.node: task for task in self.stated_tasks}
        mapped: dict[ast.AST, Task] = {task.node: task for task in self.stated_tasks if task.mapped}
        for call in self.document.calls if mapped else ():
            if isinstance(call.func, ast.Attribute) and call.func.attr in _EXPANDING and call.func.value in mapped:
                found[call] = mapped[call.func.value]
        return found

    def _operators(self) -> Iterator[Task]:
        for last, names in self.document.called_by_last.items():
            if last == "partial":
                for dotted in names:
                    operator = dotted.removesuffix(".partial")
                    if is_class(operator[operator.rfind(".") + 1 :]):
                        yield from self._of_class(dotted, operator)
            elif is_class(last):
                for dotted in names:
                    yield from self._of_class(dotted, dotted)

    def _taskflow_calls(self) -> Iterator[Task]:
        names = {function.name for function in self.decorated}
        for call in self.document.calls if names else ():
            function, mapped = self._called_function(call, names)
            if function is not None:
                yield self._taskflow(call, function, mapped=mapped)

    def _of_class(self, dotted: str, operator: str) -> Iterator[Task]:
        airflows, mapped, block_of = is_airflows(operator), operator != dotted, self.document.index.block_of
        for call in self.document.calls_by_dotted[dotted]:
            if airflows or passes_id(call):
                arguments = self.arguments(call, (), block_of[call])
                yield self._placed(Task(self.document, call, operator, arguments, block_of[call], mapped=mapped))

    def _called_function(self, call: ast.Call, names: Collection[str]) -> tuple[FunctionNode | None, bool]:
        """The decorated function that a call makes a task of: ``f()``, ``f.override(...)()``, ``f.expand()``,
        ``f.partial().expand()``. Those with decorators have these names.
        """
        func, mapped = call.func, False
        if isinstance(func, ast.Attribute) and func.attr in _EXPANDING:
            func, mapped = func.value, True
        if (
            isinstance(func, ast.Call)
            and isinstance(func.func, ast.Attribute)
            and func.func.attr == "partial"
            and mapped
        ):
            func = func.func.value
        if isinstance(func, ast.Call) and isinstance(func.func, ast.Attribute) and func.func.attr == "override":
            func = func.func.value
        if not isinstance(func, ast.Name) or func.id not in names:
            return None, False
        binding = self.document.lookup(func, self.document.block(call))
        node = binding.node if binding else None
        if isinstance(node, _FUNCTIONS) and node in self.decorated:
            return node, mapped
        return None, False

    def _taskflow(self, call: ast.Call, function: FunctionNode, *, mapped: bool) -> Task:
        decorator = self.decorated[function]
        block = self.document.block(call)
        arguments = self._decorator_arguments(decorator, ("python_callable",), self.document.block(function))
        override = next(
            (n for n in _chain(call) if isinstance(n.func, ast.Attribute) and n.func.attr == "override"), None
        )
        if override is not None:
            changed = self.arguments(override, (), block)
            arguments = Arguments(
                {**arguments.nodes, **changed.nodes},
                self.values,
                block,
                changed.spread,
                arguments.unknown or changed.unknown,
            )
        dotted = self.document.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        operator = decorator_name(dotted)
        return self._placed(Task(self.document, call, operator, arguments, block, function=function, mapped=mapped))

    def _placed(self, task: Task) -> Task:
        """The task, with the group and the DAG that it names, else with those around its block."""
        block, nodes = task.block, task.arguments.nodes
        if block not in self._around:
            self._around[block] = self._group_around(block), self._dag_around(block)
        task.group, task.dag = self._around[block]
        if "task_group" in nodes:
            task.group = self.group_named(nodes["task_group"], block)
        if "dag" in nodes:
            task.dag = self.dag_named(nodes["dag"], block)
        return task

    def _dag_around(self, block: Block) -> Dag | None:
        for each in block.around():
            if isinstance(each.node, _WITH):
                for item in each.node.items:
                    dag = self.dag_named(item.context_expr, each.outer or each)
                    if dag is not None:
                        return dag
            elif each.node in self._by_node:
                return self._by_node[each.node]
            elif isinstance(each.node, _FUNCTIONS) and not self._decorator(each.node, ("task_group",)):
                return None
        return None

    def dag_named(self, node: ast.expr, block: Block) -> Dag | None:
        """The DAG that an expression makes or stands for."""
        for _ in range(10):
            if node in self._by_node:
                return self._by_node[node]
            binding = self.document.lookup(node, block) if isinstance(node, ast.Name) else None
            if binding is None or not isinstance(binding.node, ast.expr) or binding.each:
                return None
            node, block = binding.node, binding.block
        return None

    def _group_around(self, block: Block) -> Group | None:
        for each in block.around():
            group = self._group_made(each)
            if group is not None:
                return group
            if isinstance(each.node, _FUNCTIONS):
                return None
        return None

    def _group_made(self, block: Block) -> Group | None:
        """The group whose tasks a block makes."""
        if isinstance(block.node, _WITH):
            for item in block.node.items:
                group = self.group_named(item.context_expr, block.outer or block)
                if group is not None:
                    return group
        if isinstance(block.node, _FUNCTIONS):
            decorator = self._decorator(block.node, ("task_group",))
            if decorator is not None:
                if block.node not in self._groups:
                    self._groups[block.node] = self._decorated_group(block.node, decorator)
                return self._groups[block.node]
        return None

    def _decorated_group(self, function: FunctionNode, decorator: ast.expr) -> Group:
        block = self.document.block(function)
        arguments = self._decorator_arguments(decorator, ("group_id", "prefix_group_id"), block)
        stated = arguments.value("group_id")
        named = stated if is_set(stated) else self.values.known(function, function.name)
        return self._new_group(named, arguments, block, repeated=self._calls_by_first[function.name] != 1)

    @cached_property
    def _calls_by_first(self) -> Counter[str]:
        """How many calls begin with each name: ``f()``, ``f.override(...)()``."""
        counted: Counter[str] = Counter()
        for dotted, calls in self.document.calls_by_dotted.items():
            counted[dotted.partition(".")[0]] += len(calls)
        return counted

    def group_named(self, node: ast.expr, block: Block) -> Group | None:
        """The task group that an expression makes or stands for."""
        for _ in range(10):
            if isinstance(node, ast.Call):
                return self._called_group(node)
            binding = self.document.lookup(node, block) if isinstance(node, ast.Name) else None
            if binding is None or not isinstance(binding.node, ast.expr) or binding.each:
                return None
            node, block = binding.node, binding.block
        return None

    def _called_group(self, call: ast.Call) -> Group | None:
        if call not in self._groups:
            name = self.document.dotted(call.func).rpartition(".")[2]
            self._groups[call] = None
            if name in GROUP_CLASSES:
                block = self.document.block(call)
                arguments = self.arguments(call, ("group_id", "prefix_group_id"), block)
                self._groups[call] = self._new_group(
                    arguments.value("group_id"), arguments, block, repeated=block.repeats
                )
        return self._groups[call]

    def _new_group(self, group_id: Value, arguments: Arguments, block: Block, *, repeated: bool) -> Group:
        outer_node = arguments.nodes.get("parent_group")
        outer = self.group_named(outer_node, block) if outer_node else self._group_around(block)
        prefixes = arguments.value("prefix_group_id")
        prefix = group_id
        if isinstance(prefixes, Known):
            prefix = group_id if prefixes.value else Known("", prefixes.origin)
        elif is_set(prefixes):
            prefix = prefixes
        return Group(group_id, prefix, arguments, outer, repeated)


def _chain(call: ast.Call) -> Iterator[ast.Call]:
    """The call and those it is made on: ``f.override(...).expand(...)``."""
    node: ast.expr = call
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call):
            yield node
            node = node.func
        else:
            node = node.value
