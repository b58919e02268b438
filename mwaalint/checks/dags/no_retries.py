"""MW421 no-retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.dags._all_dags import dags_without, examples, of_all, option
from mwaalint.model.deployed_code import DeployedCode
from mwaalint.model.values import Absent, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.environment import Environment


@check("MW421", on=DeployedCode)
def no_retries(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """DAGs without a retry in an environment that takes workers away."""
    environment = ctx.deployment.environment
    if environment is None or not _scales_in(environment, ctx):
        return
    if not isinstance(option(environment, "core.default_task_retries"), Absent):
        return
    dags, total = dags_without(code, "retries")
    if len(dags) >= int(str(ctx.options["from_dags"])):
        yield ctx.report(
            environment.where("airflow_configuration_options"),
            related=examples(dags),
            subject="core.default_task_retries",
            dags=of_all(len(dags), total),
            have="has" if len(dags) == 1 else "have",
        )


def _scales_in(environment: Environment, ctx: Context) -> bool:
    """Whether it surely has a varying number of workers."""
    minimum = 1 if isinstance(environment.min_workers, Absent) else known(environment.min_workers, int)
    default = ctx.catalog.fact("limits.workers.default_max")
    maximum = default if isinstance(environment.max_workers, Absent) else known(environment.max_workers, int)
    return minimum is not None and isinstance(maximum, int) and minimum < maximum
