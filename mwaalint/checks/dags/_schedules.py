"""When a DAG runs: its schedule in each version's spelling, and how far apart two runs are at most."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mwaalint.model.dag_model import SCHEDULES
from mwaalint.model.values import ABSENT, Absent, Known, Value, is_set

if TYPE_CHECKING:
    from mwaalint.model.dag_model import Dag
    from mwaalint.model.deployment import Target

_DAY = timedelta(days=1)
_PRESETS = {
    "@hourly": timedelta(hours=1),
    "@daily": _DAY,
    "@midnight": _DAY,
    "@weekly": timedelta(days=7),
    "@monthly": timedelta(days=31),
    "@quarterly": timedelta(days=92),
    "@yearly": timedelta(days=366),
    "@annually": timedelta(days=366),
}


def schedule_of(dag: Dag, target: Target) -> Value:
    """The DAG's schedule; Airflow 2's default of a day where none is written, Absent where nothing can be told."""
    for name in SCHEDULES:
        value = dag.argument(name)
        if is_set(value):
            return value
    if target.airflow is not None and target.airflow.startswith("2."):
        return Known(_DAY, dag.location)
    return ABSENT


def is_unscheduled(schedule: Value) -> bool:
    """Whether nobody can say that the DAG runs by time: no schedule, only once, or one that is not written."""
    if isinstance(schedule, Absent):
        return True
    return isinstance(schedule, Known) and schedule.value in (None, "@once", "@continuous", "None")


def interval(schedule: Value) -> timedelta | None:
    """The time between two runs, at most; None where it is not by time or cannot be told."""
    if not isinstance(schedule, Known):
        return None
    if isinstance(schedule.value, timedelta):
        return schedule.value if schedule.value > timedelta(0) else None
    if not isinstance(schedule.value, str):
        return None
    return _PRESETS.get(schedule.value) or _of_cron(schedule.value)


def _of_cron(text: str) -> timedelta | None:
    fields = text.split()
    if len(fields) not in (5, 6):
        return None
    _, hour, day, month, weekday = fields[:5]
    if month != "*":
        return timedelta(days=366)
    if day not in ("*", "?"):
        return timedelta(days=31)
    if weekday not in ("*", "?"):
        return timedelta(days=7)
    if hour != "*":
        return _DAY
    return timedelta(hours=1)
