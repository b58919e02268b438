"""What the rules on networks share: an environment's subnets and the routes that apply in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.resources import leads_to
from mwaalint.model.values import Known, OneOf, Unresolved

if TYPE_CHECKING:
    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment
    from mwaalint.model.related import Related
    from mwaalint.model.resources import Route, RouteTable, Subnet
    from mwaalint.model.values import Value

_EVERYWHERE = ("0.0.0.0/0", "::/0")


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


def _plain(table: RouteTable) -> bool:
    return default_route(table) is None and all(isinstance(route.destination, Known) for route in table.routes)


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, Unresolved) and isinstance(other, Unresolved):
        return bool(one.resource) and one.resource == other.resource
    return isinstance(one, Known) and isinstance(other, Known) and one.value == other.value
