"""MW405 sensor-poke-mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._python_fixes import passing
from mwaalint.checks._selectors import Operator
from mwaalint.checks.dags._values import duration, is_airflows, seconds, unset
from mwaalint.findings import Safety
from mwaalint.model.values import Known, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Fix
    from mwaalint.model.dag_model import Task

# BaseSensorOperator's own default, sensors.default_timeout.
_DEFAULT_TIMEOUT = 7 * 86_400.0
_SHORT = 15 * 60
# A task that is scheduled anew more often keeps the scheduler busy.
_OFTEN = 60


@check("MW405", on=Operator("*Sensor", "task.sensor"))
def sensor_poke_mode(task: Task, ctx: FileContext) -> Iterator[Finding]:
    """A sensor that may keep a worker's slot for more than a quarter of an hour."""
    if not is_airflows(task) or not _pokes(task) or not unset(ctx.option("operators.default_deferrable")):
        return
    timeout = _timeout(task, ctx)
    if timeout is None or timeout <= _SHORT:
        return
    yield ctx.report(
        task.location,
        "default" if not unset(task.argument("timeout")) else "unlimited",
        fix=_fix(task, ctx),
        subject=str(known(task.task_id, str) or ""),
        sensor=task.class_name if not task.decorated else "@task.sensor",
        timeout=duration(timeout),
    )


def _pokes(task: Task) -> bool:
    """Whether the sensor surely waits in its slot."""
    mode, deferrable = task.argument("mode"), task.argument("deferrable")
    poking = unset(mode) or known(mode, str) == "poke"
    return poking and (unset(deferrable) or (isinstance(deferrable, Known) and deferrable.value is False))


def _timeout(task: Task, ctx: FileContext) -> float | None:
    """How long it waits at most, in seconds; None when that is not known."""
    timeout = task.argument("timeout")
    if not unset(timeout):
        return seconds(timeout)
    return _DEFAULT_TIMEOUT if unset(ctx.option("sensors.default_timeout")) else None


def _fix(task: Task, ctx: FileContext) -> Fix | None:
    """Gives the slot back between two looks. Unsafe where these are so frequent that the scheduler would suffer."""
    if task.class_name in ctx.catalog.table("poke-mode-only")["rows"]:
        return None
    interval = task.argument("poke_interval")
    pause = _OFTEN if unset(interval) else seconds(interval)
    safety = Safety.SAFE if pause is not None and pause >= _OFTEN else Safety.UNSAFE
    return passing(task, "mode", '"reschedule"', ctx, title='Set mode="reschedule"', safety=safety)
