"""What the rules on networks share: an environment's subnets and the routes that apply in each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks.environment._related import does
from mwaalint.model.resources import leads_to
from mwaalint.model.values import Known, OneOf, Unresolved
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.checks._api import Context
    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment
    from mwaalint.model.related import Related
    from mwaalint.model.resources import Route, RouteTable, Subnet, VpcEndpoint
    from mwaalint.model.values import Value

_EVERYWHERE = ("0.0.0.0/0", "::/0")
# com.amazonaws.eu-west-1.sqs, also where only the region is not known.
_SERVICE = regex(r"com\.amazonaws\.(?:\$\{[^}]*\}|[a-z0-9-]+)\.([a-z0-9.-]+)")
# Asked for by AWS as well, but newer than environments that work without.
_FOR_AIRFLOW = "airflow."
_ENDPOINTS_BY_A_MODULE = regex(rb'^[ \t]*source[ \t]*=[ \t]*"[^".][^"\n]*endpoint', re.MULTILINE)


def subnet_ids(environment: Environment) -> Value | None:
    """The list of subnets as it is written; None where the network is not known."""
    network = environment.network_configuration
    return network.value.get("subnet_ids") if isinstance(network, Known) and isinstance(network.value, dict) else None


def place_of(value: Value | None, environment: Environment) -> Location:
    """Where a value stands, else the network configuration."""
    if isinstance(value, Known | OneOf | Unresolved):
        return value.origin
    return environment.declared.get("network_configuration", environment.location)


def table_of(subnet: Subnet, related: Related) -> RouteTable | None:
    """The only route table that is known to be a subnet's: the one associated with it, else the main one of its VPC."""
    own = [table for table in related.route_tables if any(leads_to(it, subnet.address) for it in table.subnets)]
    if not own and all(table.complete for table in related.route_tables):
        own = [table for table in related.route_tables if table.main and _same(table.vpc, subnet.vpc)]
    return own[0] if len(own) == 1 else None


def default_route(table: RouteTable) -> Route | None:
    """The route to all other addresses; the one to the internet gateway first."""
    routes = [it for it in table.routes if isinstance(it.destination, Known) and it.destination.value in _EVERYWHERE]
    routes.sort(key=lambda route: route.target != "internet")
    return routes[0] if routes else None


def tables_without_a_way_out(related: Related) -> list[RouteTable]:
    """The route tables of the environment's subnets where all are known and none has a default route; else none."""
    tables = [table_of(subnet, related) if subnet else None for subnet in related.subnets]
    known_all = [table for table in tables if table and table.complete and _plain(table)]
    return list(dict.fromkeys(known_all)) if len(known_all) == len(tables) else []


def services_out_of_reach(ctx: Context) -> list[str]:
    """The services that an environment cannot do without and cannot reach; none where the project may not show all."""
    related = ctx.deployment.related
    subnets = [subnet for subnet in related.subnets if subnet and _is_declared_here(subnet.vpc)]
    if not subnets or len(subnets) != len(related.subnets) or not all(_is_closed(each, related) for each in subnets):
        return []
    services = _services(related.vpc_endpoints)
    if services is None or does(ctx.project, _ENDPOINTS_BY_A_MODULE):
        return []
    missing = [service for service in _wanted(ctx) if service not in services]
    return [] if all(service.startswith(_FOR_AIRFLOW) for service in missing) else missing


def _plain(table: RouteTable) -> bool:
    return default_route(table) is None and all(isinstance(route.destination, Known) for route in table.routes)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, Unresolved) and isinstance(other, Unresolved):
        return bool(one.resource) and one.resource == other.resource
    return isinstance(one, Known) and isinstance(other, Known) and one.value == other.value


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
    return _plain(table)


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
