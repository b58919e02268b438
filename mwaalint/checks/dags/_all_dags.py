"""What the rules over all DAGs of an environment share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.values import Absent, Known

if TYPE_CHECKING:
    from mwaalint.findings import Location
    from mwaalint.model.deployed_code import DagFact, DeployedCode
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import Value

_SHOWN = 5


def option(environment: Environment, name: str) -> Value | None:
    """A configuration option: Absent when it is surely not set, None when that is not known."""
    options = environment.airflow_configuration_options
    if isinstance(options, Absent):
        return options
    if isinstance(options, Known) and isinstance(options.value, dict):
        found: Value = options.value.get(name, Absent())
        return found
    return None


def dags_without(code: DeployedCode, name: str) -> tuple[list[DagFact], int]:
    """The DAGs of which no task has an argument, and how many DAGs with tasks there are: 0 where that cannot be told,
    as a library or a loop makes some.
    """
    files = list(code.place("dags"))
    dags = [dag for file in files for dag in file.dags if dag.tasks]
    counted = all(file.work is None or file.work.dags.number is not None for file in files)
    return [dag for dag in dags if name in dag.without and not dag.open], len(dags) if counted else 0


def examples(dags: list[DagFact]) -> list[Location]:
    """The places of a few of them."""
    return [dag.location.noted(dag.ids[0] if dag.ids else "a DAG without") for dag in dags[:_SHOWN]]


def of_all(number: int, total: int) -> str:
    """``all 12 DAGs``, ``3 of 12 DAGs``, ``the only DAG``; ``at least 3 DAGs`` where nobody can tell."""
    if not total:
        return f"at least {number} DAG{'s' * (number != 1)}"
    if number == total:
        return "the only DAG" if total == 1 else f"all {total} DAGs"
    return f"{number} of {total} DAGs"
