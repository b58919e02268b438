"""What DAG code calls by its names: DAGs, groups, operators, decorators."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.patterns import regex

if TYPE_CHECKING:
    import ast

DAG_CLASSES = frozenset({"DAG", "DbtDag"})
GROUP_CLASSES = frozenset({"TaskGroup", "DbtTaskGroup"})
_HOMES = regex(r"\.(?:operators|sensors|transfers|decorators)\.")
_NO_TASKS = frozenset(
    {*DAG_CLASSES, *GROUP_CLASSES, "TaskInstance", "TaskInstanceKey", "DagRun", "XComArg", "TaskReference"}
)


def is_dag_class(origin: str) -> bool:
    """Airflow's DAG and Cosmos's DbtDag, also under a star import."""
    package, _, last = origin.rpartition(".")
    return last in DAG_CLASSES and package.partition(".")[0] in ("", "airflow", "cosmos")


# The names of what files call are the same again and again.
@lru_cache(maxsize=10_000)
def is_class(name: str) -> bool:
    """Whether a class of this name may make a task."""
    return name.lstrip("_")[:1].isupper() and name not in _NO_TASKS


def passes_id(call: ast.Call) -> bool:
    """Whether a call passes the id of a task, as calls of operators do."""
    return any(keyword.arg == "task_id" for keyword in call.keywords)


@lru_cache(maxsize=10_000)
def is_airflows(operator: str) -> bool:
    """Whether a class is an operator of Airflow's or a provider's, by where it comes from."""
    if not operator.startswith("airflow.") or operator.endswith(("Trigger", "Hook", "Exception", "Config")):
        return False
    return _HOMES.search(operator) is not None


def decorator_name(dotted: str) -> str:
    """``task.bash`` of "airflow.decorators.task.bash", as it is written without its module; "" for what is not
    Airflow's.
    """
    if dotted.startswith("airflow."):
        for home in ("airflow.decorators.", "airflow.sdk."):
            if dotted.startswith(home):
                return dotted.removeprefix(home)
        return dotted.rpartition(".")[2]
    return dotted if dotted.partition(".")[0] in ("dag", "task", "task_group") else ""
