"""MW239: an argument that no release of the AWS provider has that the project allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._provider import excluding
from mwaalint.model.environment import ARGUMENTS, Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW239", on=Environment)
def stale_provider_missing_feature(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each argument that is written and younger than every release the project allows."""
    for row in ctx.catalog.table("terraform-arguments")["rows"]:
        argument, since = row["argument"], row["since"]
        if argument not in ARGUMENTS or argument not in environment.declared:
            continue
        pin = excluding(environment, since)
        if pin is not None:
            yield ctx.report(
                environment.declared[argument],
                related=[pin.origin.noted("allows no newer release")],
                subject=argument,
                argument=argument,
                since=since,
                pin=pin.value,
            )
