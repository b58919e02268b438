"""MW207: subnets from which the environment reaches none of the services that it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._networks import place_of, services_out_of_reach, subnet_ids
from mwaalint.model.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW207", on=Environment)
def no_network_egress(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports an environment whose network the project declares whole, without a way out and without all endpoints."""
    related = ctx.deployment.related
    missing = services_out_of_reach(ctx)
    if missing:
        yield ctx.report(
            place_of(subnet_ids(environment), environment),
            "endpoints" if related.vpc_endpoints else "default",
            related=[subnet.location.noted("no route to anything outside") for subnet in related.subnets if subnet],
            missing=", ".join(missing),
        )
