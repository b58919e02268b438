"""MW213: an Airflow version that MWAA no longer supports, or soon will not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._values import argument_elsewhere, arms
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from mwaalint.findings import Finding


@check("MW213", on=Environment)
def airflow_version_end_of_support(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a version whose end of support has passed, or lies within the notice that MWAA gives."""
    found = [(ctx.catalog.release(version), value) for version, value in arms(environment.airflow_version, str)]
    ending = [
        (release, release.end_of_support, value)
        for release, value in found
        if release is not None
        and release.end_of_support is not None
        and _days_left(release.end_of_support, ctx) <= _notice(ctx)
    ]
    if len(ending) != len(found):
        return
    for release, end, value in ending:
        days = _days_left(end, ctx)
        yield ctx.report(
            value.origin,
            "default" if days <= 0 else "soon",
            related=argument_elsewhere(environment, "airflow_version", value.origin, ctx.project),
            version=release.airflow,
            date=end.isoformat(),
            days=f"{days} days" if days != 1 else "1 day",
        )


def _days_left(end: date, ctx: Context) -> int:
    return (end - ctx.today).days


def _notice(ctx: Context) -> int:
    days = ctx.catalog.fact("support_policy.notice_days")
    return days if isinstance(days, int) else 0
