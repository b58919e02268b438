"""Arguments of tasks as their rules need them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mwaalint.model.values import Absent, Known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from mwaalint.model.dag_model import Task
    from mwaalint.model.values import Value

_LOCAL = regex(r"(?:^|[/_-])local(?:[_-][^/]*)?\.py$")


def unset(value: Value) -> bool:
    """Whether an argument is surely left to its default: not passed, or passed as None."""
    return isinstance(value, Absent) or (isinstance(value, Known) and value.value is None)


def seconds(value: Value) -> float | None:
    """A number of seconds or a timedelta in seconds, None for anything else."""
    match value:
        case Known(value=timedelta() as span):
            return span.total_seconds()
        case Known(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case _:
            return None


def duration(number: float) -> str:
    """Seconds in words for a message: ``7 days``, ``90 minutes``, ``20 s``."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if number >= size and number % size == 0:
            count = int(number // size)
            return f"{count} {unit}{'s' * (count != 1)}"
    return f"{number:g} s"


def is_airflows(task: Task) -> bool:
    """Whether the operator comes from Airflow or a provider: of one's own the code elsewhere decides what it does."""
    return task.operator == "task" or task.operator.startswith(("airflow.", "task."))


def is_for_a_laptop(path: str) -> bool:
    """Whether a file is called local: it belongs to another Airflow, that of a laptop."""
    return _LOCAL.search(path) is not None
