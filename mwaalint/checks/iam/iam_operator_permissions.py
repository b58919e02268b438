"""MW308: tasks that ask AWS for what the execution role may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.iam._grants import Grants, listed
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.values import Absent, Known, member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mwaalint.findings import Finding
    from mwaalint.model.dag_model import Task
    from mwaalint.model.deployed_code import FileFacts

    Table = Mapping[str, Mapping[str, Sequence[str]]]


@check("MW308", on=DeployedCode)
def iam_operator_permissions(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """Reports operators whose actions nothing in the role's policies grants, once a file and operator.

    A secrets backend may hold another ``aws_default``, with credentials of its own.
    """
    role, environment = ctx.deployment.related.role, ctx.deployment.environment
    if role is None or environment is None:
        return
    grants = Grants(role, ctx.catalog)
    backend = member(environment.airflow_configuration_options, "secrets.backend")
    if not grants.whole or not isinstance(backend, Absent):
        return
    table: Table = ctx.catalog.table("operator-actions")["rows"]
    lacking = {name: grants.missing([*row["starts"], *row["waits"]]) for name, row in table.items()}
    for file in code.place("dags"):
        for task in _tasks(file, {name for name, missing in lacking.items() if missing}, ctx):
            missing = [each for each in _asked(task, table[task.class_name]) if each in lacking[task.class_name]]
            if missing:
                yield ctx.report(
                    task.location,
                    related=[role.location.noted("the environment runs as it")],
                    subject=task.class_name,
                    operator=task.class_name,
                    actions=listed(missing),
                    role=role.address,
                )


def _tasks(file: FileFacts, names: set[str], ctx: Context) -> Iterator[Task]:
    """The first task of each operator that asks as the execution role."""
    if names.isdisjoint(operator.rpartition(".")[2] for operator in file.operators):
        return
    from mwaalint.documents.python_document import read_python
    from mwaalint.model.dag_reading import DagCode

    source = ctx.project.get(file.path)
    document = read_python(source) if source else None
    seen: set[str] = set()
    for task in DagCode(document).tasks if document else ():
        name = task.class_name
        if name in names - seen and task.operator.startswith("airflow.providers.amazon.") and _as_the_role(task):
            seen.add(name)
            yield task


def _as_the_role(task: Task) -> bool:
    connection = task.argument("aws_conn_id")
    return isinstance(connection, Absent) or (isinstance(connection, Known) and connection.value == "aws_default")


def _asked(task: Task, row: Mapping[str, Sequence[str]]) -> list[str]:
    waiting = task.argument("wait_for_completion")
    waits = isinstance(waiting, Absent) or (isinstance(waiting, Known) and waiting.value is True)
    return [*row["starts"], *(row["waits"] if waits else ())]
