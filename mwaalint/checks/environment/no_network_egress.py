"""MW207: subnets from which the environment reaches none of the services that it is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._networks import default_route, place_of, subnet_ids, table_of
from mwaalint.checks.environment._related import does
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, Unresolved
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.findings import Finding
    from mwaalint.model.related import Related
    from mwaalint.model.resources import RouteTable, Subnet, VpcEndpoint
    from mwaalint.model.values import Value

# com.amazonaws.eu-west-1.sqs, also where only the region is not known.
_SERVICE = regex(r"com\.amazonaws\.(?:\$\{[^}]*\}|[a-z0-9-]+)\.([a-z0-9.-]+)")
# Asked for by AWS as well, but newer than environments that work without.
_FOR_AIRFLOW = "airflow."
_ENDPOINTS_BY_A_MODULE = regex(rb'^[ \t]*source[ \t]*=[ \t]*"[^".][^"\n]*endpoint', re.MULTILINE)


@check("MW207", on=Environment)
def no_network_egress(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports an environment whose network the project declares whole, without a way out and without all endpoints."""
    related = ctx.deployment.related
    subnets = [subnet for subnet in related.subnets if subnet and _is_declared_here(subnet.vpc)]
    if not subnets or len(subnets) != len(related.subnets) or not all(_is_closed(each, related) for each in subnets):
        return
    services = _services(related.vpc_endpoints)
    if services is None or does(ctx.project, _ENDPOINTS_BY_A_MODULE):
        return
    missing = [service for service in _wanted(ctx) if service not in services]
    if all(service.startswith(_FOR_AIRFLOW) for service in missing):
        return
    yield ctx.report(
        place_of(subnet_ids(environment), environment),
        "endpoints" if services else "default",
        related=[subnet.location.noted("no route to anything outside") for subnet in subnets],
        missing=", ".join(missing),
    )


def _wanted(ctx: Context) -> list[str]:
    """The services that need an endpoint where there is no way out; the catalogue has words after some."""
    rows = ctx.catalog.fact("network.private_routing_endpoints")
    return [str(row).partition(" ")[0] for row in rows] if isinstance(rows, list) else []


def _is_declared_here(vpc: Value) -> bool:
    return isinstance(vpc, Unresolved) and bool(vpc.resource)


def _is_closed(subnet: Subnet, related: Related) -> bool:
    """Whether a subnet's route table is known and has no route that may lead to all other addresses."""
    if not all(table.complete for table in related.route_tables):
        return False
    table = table_of(subnet, related)
    if table is None:
        # The VPC's own main table, with nothing but the local route, where no other one is known to be it.
        return bool(related.route_tables) and not any(_may_be_of(each, subnet) for each in related.route_tables)
    return default_route(table) is None and all(isinstance(route.destination, Known) for route in table.routes)


def _may_be_of(table: RouteTable, subnet: Subnet) -> bool:
    if table.main:
        return True
    return any(isinstance(it, Unresolved) and it.resource in ("", subnet.address) for it in table.subnets)


def _services(endpoints: Sequence[VpcEndpoint]) -> set[str] | None:
    """The services that have an endpoint; None where one is not known."""
    found = set()
    for endpoint in endpoints:
        match endpoint.service:
            case Known(value=str() as text) | Unresolved(expression=text):
                service = _SERVICE.fullmatch(text)
            case _:
                service = None
        if service is None:
            return None
        found.add(service[1])
    return found
