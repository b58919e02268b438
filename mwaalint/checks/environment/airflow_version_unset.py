"""MW232: an environment that leaves the Airflow version to MWAA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.environment import Environment
from mwaalint.model.values import is_set, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_ARGUMENT = "airflow_version"


@check("MW232", on=Environment)
def airflow_version_unset(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports a version that is absent, null or empty; one that somebody else manages is left alone."""
    value = environment.airflow_version
    if _ARGUMENT in environment.ignored_changes or (is_set(value) and known(value, str) != ""):
        return
    written = environment.declared.get(_ARGUMENT)
    message = "default" if written is None else "optional"
    place = written or environment.location
    yield ctx.report(place, message, latest=ctx.catalog.latest, compiled=ctx.catalog.compiled.isoformat())
