"""MW233: the Airflow UI is on the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._values import argument_elsewhere, arms
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_PUBLIC = "PUBLIC_ONLY"


@check("MW233", on=Environment)
def webserver_public(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports an access mode that is public wherever the environment is made; an unset one is private."""
    modes = arms(environment.webserver_access_mode, str)
    if not all(mode == _PUBLIC for mode, _ in modes):
        return
    for mode, value in modes:
        yield ctx.report(
            value.origin,
            related=argument_elsewhere(environment, "webserver_access_mode", value.origin, ctx.project),
            mode=mode,
        )
