"""MW221: celery.worker_concurrency, which MWAA ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import entry, number, options, rename
from mwaalint.checks.environment._values import argument_elsewhere, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.values import OneOf, Unresolved

_OPTION = "celery.worker_concurrency"
_INSTEAD = "celery.worker_autoscale"


@check("MW221", on=Environment)
def worker_concurrency_ignored(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports the option whatever its value."""
    entries = options(environment)
    value = entries.get(_OPTION)
    if value is None:
        return
    place = entry(_OPTION, value.origin, environment, ctx)
    yield ctx.report(
        place,
        "both" if _INSTEAD in entries else "default",
        related=argument_elsewhere(environment, "airflow_configuration_options", place, ctx.project),
        fix=None if _INSTEAD in entries else _fix(value, ctx),
    )


def _fix(value: Known | OneOf | Unresolved, ctx: Context) -> Fix | None:
    tasks = number(value)
    if not tasks or not isinstance(value, Known) or not isinstance(value.value, str):
        return None
    name = rename(_OPTION, _INSTEAD, value.origin, ctx)
    setting = replacement(value, f"{tasks},{tasks}", ctx.project)
    if name is None or setting is None:
        return None
    return Fix(f"Set {_INSTEAD} to {tasks},{tasks}", Safety.UNSAFE, (name, setting))
