"""The facts of one file of DAG or plugin code."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mwaalint.model._dag_counting import count_dags
from mwaalint.model.deployed_code import DagFact, FileFacts, ImportFact
from mwaalint.model.values import Known, possible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.model.dag_model import Dag
    from mwaalint.model.dag_reading import DagCode


def facts_of(document: PythonDocument, code: DagCode, place: str) -> FileFacts:
    """What the other files of a deployment may want to know of this one."""
    dags = tuple(_dag(dag) for dag in code.dags)
    return FileFacts(
        path=document.file.path,
        place=place,
        makes_dags=bool(dags) or count_dags(document.tree, document.names).number != 0,
        dags=dags,
        imports=tuple(
            ImportFact(
                one.dotted, one.module, document.location(one.alias), one.guarded, document.block_runs(one.block)
            )
            for one in document.imports
        ),
        operators=frozenset(task.operator for task in code.tasks),
        called=frozenset(_called(document)),
    )


def _dag(dag: Dag) -> DagFact:
    arguments = {
        name: value.value
        for name in (*dag.arguments.nodes, *dag.arguments.spread)
        if isinstance(value := dag.argument(name), Known)
        and (value.value is None or isinstance(value.value, str | int | float | datetime | timedelta))
    }
    return DagFact(
        ids=tuple(one.value for one in possible(dag.dag_id) if isinstance(one.value, str)),
        location=dag.location,
        kind=dag.kind,
        repeated=dag.repeated,
        conditional=dag.conditional,
        arguments=arguments,
        passed=frozenset((*dag.arguments.nodes, *dag.arguments.spread)),
        open=dag.arguments.unknown is not None,
        tasks=len(dag.tasks),
    )


def _called(document: PythonDocument) -> Iterator[str]:
    """What is called when the file is imported and comes from another file that is not Airflow's."""
    own = {name for name, origin in document.imported.items() if not origin.startswith(("airflow.", "datetime."))}
    for call, names in document.named_calls:
        for name in names:
            first = name.partition(".")[0]
            imported = (
                name.startswith(".")
                or first in own
                or any(
                    name == origin or name.startswith(f"{origin}.")
                    for origin in map(document.imported.get, own)
                    if origin
                )
            )
            if imported and document.block_runs(document.index.block_of_call[call]):
                yield name.replace("()", "")
