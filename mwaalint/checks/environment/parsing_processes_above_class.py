"""MW236: more processes that parse DAGs than the schedulers of the class have room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._options import number, options
from mwaalint.checks.environment._sizing import sole_class
from mwaalint.checks.environment._values import argument_elsewhere
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_NAMES = ("scheduler.parsing_processes", "dag_processor.parsing_processes", "scheduler.max_threads")


@check("MW236", on=Environment)
def parsing_processes_above_class(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a number of parsing processes beyond what AWS states for the class."""
    size = sole_class(environment, ctx.catalog)
    most = size.parsing_processes_max if size else None
    entries = options(environment)
    for name in _NAMES:
        value = entries.get(name)
        wanted = number(value) if isinstance(value, Known) and not _silent(name, ctx) else None
        if size is None or most is None or not isinstance(value, Known) or wanted is None or wanted <= most:
            continue
        yield ctx.report(
            value.origin,
            related=argument_elsewhere(environment, "airflow_configuration_options", value.origin, ctx.project),
            subject=name,
            name=name,
            wanted=wanted,
            size=size.name,
            most=f"{most} processes" if most > 1 else "1 process",
        )


def _silent(name: str, ctx: Context) -> bool:
    """Whether Airflow does not read the option under this name, so that MWAA's own number applies."""
    airflow = ctx.deployment.target.airflow
    if airflow is None or ctx.catalog.release(airflow) is None:
        return False
    changed = ctx.catalog.option_change(name, airflow)
    return not changed.read if changed else name not in ctx.catalog.airflow_option_names(airflow)
