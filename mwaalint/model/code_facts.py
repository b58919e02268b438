"""The facts of one file of DAG or plugin code."""

from __future__ import annotations

import ast
import re
from sys import intern
from typing import TYPE_CHECKING, cast

from mwaalint.model.code_mails import mail_facts
from mwaalint.model.dag_model import SCHEDULES
from mwaalint.model.dag_work import work_of
from mwaalint.model.dbt_needs import dbt_needs
from mwaalint.model.deployed_code import DagFact, DeferredFact, FileFacts, ImportFact
from mwaalint.model.hidden_failures import MetadataWork, hidden_failures
from mwaalint.model.metadata_scripts import opens_metadata
from mwaalint.model.values import Absent, Known, known, possible
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mwaalint.catalog import Catalog
    from mwaalint.documents.python_blocks import Block
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.dag_model import Dag, Task
    from mwaalint.model.dag_reading import DagCode
    from mwaalint.model.values import Value
    from mwaalint.source import Offset

_ELSEWHERE = regex(r"virtualenv|external_?python|docker|kubernetes|snowpark|databricks|pyspark", re.I)
_PATHS_OF_PYTHON = regex(rb"\bsys\.(?:path|meta_path|modules)\b")
_KEPT_IN_BOUNDS = ("retries", "execution_timeout")
_IDLE = ("Sensor", ".EmptyOperator", ".DummyOperator")
_MAIL = regex(rb"\bemail|EmailOperator")
_NOT_OWN = ("airflow.", "datetime", "os.", "json", "pendulum", "logging")


def facts_of(code: DagCode, place: str, catalog: Catalog) -> FileFacts:
    """What the other files of a deployment may want to know of this one."""
    document, data = code.document, code.document.file.data
    dags = tuple(_dag(dag) for dag in code.dags)
    done = MetadataWork(document) if opens_metadata(document) else None
    operators = frozenset(task.operator for task in code.tasks)
    return FileFacts(
        path=document.file.path,
        place=place,
        dags=dags,
        imports=tuple(_imports(document, code)),
        operators=operators,
        called=frozenset((*_called(document), *_changed_paths(document))),
        work=work_of(document),
        dbt=tuple(dbt_needs(code, catalog)) if _may_start_dbt(document, operators) else (),
        mails=tuple(mail_facts(code)) if (dags or operators) and b"mail" in data and _MAIL.search(data) else (),
        deferred=tuple(_deferred(code)) if operators and b"deferrable" in data else (),
        metadata=tuple(code.statements) if done else (),
        hidden=tuple(hidden_failures(code, done)),
        loading=frozenset(done.loading()) if done else frozenset(),
    )


def _may_start_dbt(document: PythonDocument, operators: Collection[str]) -> bool:
    """Whether it may be worth a look, which takes longer than to ask for words."""
    able = "cosmos" in document.packages or any(each.endswith("BashOperator") for each in operators)
    return able and b"dbt" in document.file.data.lower()


def _deferred(code: DagCode) -> Iterator[DeferredFact]:
    for task in code.tasks:
        value = task.argument("deferrable")
        if isinstance(value, Known) and value.value is True:
            node = task.expression("deferrable")
            yield DeferredFact(code.document.location(node) if node else task.location, task.operator)


def _imports(document: PythonDocument, code: DagCode) -> Iterator[ImportFact]:
    module = document.index.module
    inside = any(one.block.owner is not module for one in document.imports)
    elsewhere = set(run_elsewhere(document, code)) if inside else set()
    runs: dict[Block, tuple[bool, bool]] = {}
    for one in document.imports:
        block = one.block
        if block not in runs:
            apart = bool(elsewhere) and any(each.owner.node in elsewhere for each in block.around())
            runs[block] = document.block_runs(block), apart
        start, end = document.span(one.alias)
        place = cast("Offset", start), end - start
        yield ImportFact(intern(one.dotted), intern(one.module), *place, one.guarded, *runs[block])


def run_elsewhere(document: PythonDocument, code: DagCode) -> Iterator[ast.AST]:
    """The functions that Airflow does not run in its own Python."""
    for function, decorator in code.decorated.items():
        if _ELSEWHERE.search(document.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)):
            yield function
    for task in code.tasks:
        called = task.arguments.nodes.get("python_callable")
        if isinstance(called, ast.Name) and _ELSEWHERE.search(task.class_name):
            yield from filter(None, [document.function(called, task.arguments.block)])


def _dag(dag: Dag) -> DagFact:
    return DagFact(
        ids=tuple(one.value for one in possible(dag.dag_id) if isinstance(one.value, str)),
        location=dag.location,
        kind=dag.kind,
        repeated=dag.repeated,
        conditional=dag.conditional,
        passed=frozenset((*dag.arguments.nodes, *dag.arguments.spread)),
        open=dag.arguments.unknown is not None,
        schedule=_schedule(dag),
        paused=known(dag.argument("is_paused_upon_creation"), bool) is True,
        tasks=len(dag.tasks),
        without=frozenset(_without(dag)),
    )


def _schedule(dag: Dag) -> str:
    stated = next((value for name in SCHEDULES if isinstance(value := dag.argument(name), Known)), None)
    return stated.value if stated and isinstance(stated.value, str) else ""


def _without(dag: Dag) -> Iterator[str]:
    """What surely no task of a DAG has. Tasks that do nothing, or wait in no worker, do not count."""
    tasks = [task for task in dag.tasks if not f".{task.operator}".endswith(_IDLE)]
    return (name for name in _KEPT_IN_BOUNDS if _surely_without(tasks, name, _is_nothing(dag.default(name))))


def _surely_without(tasks: list[Task], name: str, by_default: bool) -> bool:
    counted = False
    for task in tasks:
        lacks = by_default if task.takes_default(name) else _is_nothing(task.argument(name))
        # What waits in no worker is asked last: most DAGs give their tasks what is looked for.
        if not (lacks and counted) and known(task.argument("deferrable"), bool) is not True:
            if not lacks:
                return False
            counted = True
    return counted


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Absent) or (isinstance(value, Known) and value.value in (None, 0))


def _called(document: PythonDocument) -> Iterator[str]:
    """What is called when the file is imported and comes from another file that is not Airflow's."""
    block_of = document.index.block_of
    own = {origin for origin in document.imported.values() if not origin.startswith(_NOT_OWN)}
    starts = {origin.partition(".")[0] for origin in own}
    for name, calls in document.calls_by_name.items():
        if name.partition(".")[0] in starts:
            plain = name.replace("()", "")
            imported = any(prefix in own for prefix in _prefixes(plain))
            if imported and any(document.block_runs(block_of[call]) for call in calls):
                yield plain


def _changed_paths(document: PythonDocument) -> Iterator[str]:
    """What is called for ``sys.path += […]`` and its like, which say it without a call."""
    if not _PATHS_OF_PYTHON.search(document.file.data):
        return
    nodes = document.index.nodes
    targets = [target for statement in nodes.get(ast.Assign, ()) for target in statement.targets]
    targets += [statement.target for statement in nodes.get(ast.AugAssign, ())]
    for target in targets:
        dotted = document.dotted(target.value if isinstance(target, ast.Subscript) else target)
        if dotted in ("sys.path", "sys.meta_path", "sys.modules"):
            yield f"{dotted}.extend"


def _prefixes(dotted: str) -> Iterator[str]:
    end = len(dotted)
    while end > 0:
        yield dotted[:end]
        end = dotted.rfind(".", 0, end)
