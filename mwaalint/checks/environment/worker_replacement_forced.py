"""MW203: an environment that is told to stop running tasks whenever it is updated, or told what MWAA does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._values import argument_elsewhere, arms, replacement
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.values import Known

_FORCED, _GRACEFUL = "FORCED", "GRACEFUL"
_FIELD = "WorkerReplacementStrategy"


@check("MW203", on=Environment, needs_version=True)
def worker_replacement_forced(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a written FORCED where the environment's version of Airflow knows the other way, and unknown words."""
    strategies = arms(environment.worker_replacement_strategy, str)
    known = ctx.catalog.api_fields[_FIELD].enum
    for strategy, value in strategies:
        if strategy not in known and strategy.isalpha():  # else something fills it in before MWAA sees it
            yield ctx.report(value.origin, "unknown", value=strategy)
    if not strategies or any(strategy != _FORCED for strategy, _ in strategies) or not _may_be_graceful(ctx):
        return
    for _, value in strategies:
        yield ctx.report(
            value.origin,
            related=argument_elsewhere(environment, "worker_replacement_strategy", value.origin, ctx.project),
            fix=_graceful(value, ctx),
        )


def _may_be_graceful(ctx: Context) -> bool:
    first = ctx.catalog.fact("features.graceful_updates.supported_from")
    return version_key(ctx.deployment.target.airflow or "0") >= version_key(str(first))


def _graceful(value: Known, ctx: Context) -> Fix | None:
    edit = replacement(value, _GRACEFUL, ctx.project)
    return Fix("Let running tasks finish", Safety.UNSAFE, (edit,)) if edit else None
