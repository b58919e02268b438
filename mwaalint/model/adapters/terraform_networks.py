"""Terraform's subnets, route tables, VPC endpoints and security groups."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from mwaalint.model.adapters.terraform_blocks import Row, as_flag, as_number
from mwaalint.model.adapters.terraform_items import Owners
from mwaalint.model.adapters.terraform_values import text_of
from mwaalint.model.resources import Route, RouteTable, SecurityGroup, SecurityRule, Subnet, VpcEndpoint
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.model.adapters.terraform_items import Grouped, Item, Items

_SUBNETS = ("aws_subnet", "aws_default_subnet")
_TABLES = ("aws_route_table", "aws_default_route_table")
_GROUPS = ("aws_security_group", "aws_default_security_group")
_RULE = "aws_security_group_rule"
_RULES = {"aws_vpc_security_group_ingress_rule": "ingress", "aws_vpc_security_group_egress_rule": "egress"}
_ROUTE = "aws_route"
_ASSOCIATION = "aws_route_table_association"
_MAIN = "aws_main_route_table_association"
_ENDPOINT = "aws_vpc_endpoint"
KINDS = frozenset({*_SUBNETS, *_TABLES, *_GROUPS, _RULE, *_RULES, _ROUTE, _ASSOCIATION, _MAIN, _ENDPOINT})

_DESTINATIONS = (
    "cidr_block",
    "destination_cidr_block",
    "ipv6_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
)
_TARGETS = {"nat_gateway_id": "nat", "transit_gateway_id": "transit"}
_CIDRS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "prefix_list_ids", "prefix_list_id")
_PEERS = ("security_groups", "source_security_group_id", "referenced_security_group_id")


def subnets(items: Items) -> tuple[Subnet, ...]:
    """The subnets of a stack."""
    return tuple(
        Subnet(
            item.address,
            item.location,
            vpc=item.value("vpc_id"),
            availability_zone=item.body.first("availability_zone", "availability_zone_id"),
            public_ip=item.body.flag("map_public_ip_on_launch"),
        )
        for item in items.of(*_SUBNETS)
    )


def route_tables(items: Items) -> tuple[RouteTable, ...]:
    """The route tables of a stack with their routes and subnets."""
    found = items.of(*_TABLES)
    owners = Owners((item.address, ABSENT) for item in found)
    attached = {kind: items.grouped(owners, "route_table_id", kind) for kind in (_ROUTE, _ASSOCIATION, _MAIN)}
    return tuple(_route_table(item, attached) for item in found)


def _route_table(item: Item, attached: dict[str, Grouped]) -> RouteTable:
    separate = attached[_ROUTE].of(item.address)
    associated = attached[_ASSOCIATION].of(item.address)
    default = "aws_default_route_table" in item.body.block.labels
    rows = chain(item.body.rows("route"), map(_row, separate))
    certain = all(each.certain for each in (item, *separate, *associated))
    return RouteTable(
        item.address,
        item.location,
        # The id of a default route table is an attribute of its VPC.
        vpc=item.value("default_route_table_id" if default else "vpc_id"),
        routes=tuple(_route(row) for row in rows),
        subnets=tuple(value for each in associated if is_set(value := each.value("subnet_id"))),
        main=default or bool(attached[_MAIN].of(item.address)),
        complete=certain and not item.body.unknown("route") and not any(each.doubt for each in attached.values()),
    )


def _row(item: Item) -> Row:
    return Row(item.location, {name: item.value(name) for name in item.body.block.attributes})


def _route(row: Row) -> Route:
    target = next((kind for name, kind in _TARGETS.items() if is_set(row.value(name))), "other")
    if target == "other" and _is_internet(row.value("gateway_id")):
        target = "internet"
    return Route(row.place, row.value(*_DESTINATIONS), target)


def _is_internet(gateway: Value) -> bool:
    match gateway:
        case Known(value=str() as text):
            return text.startswith("igw-")
        case Unresolved(resource=resource, expression=expression):
            return "aws_internet_gateway." in resource or "aws_internet_gateway." in expression
        case _:
            return False


def vpc_endpoints(items: Items) -> tuple[VpcEndpoint, ...]:
    """The VPC endpoints of a stack."""
    return tuple(
        VpcEndpoint(
            item.address,
            item.location,
            vpc=item.value("vpc_id"),
            service=item.value("service_name"),
            private_dns=item.body.flag("private_dns_enabled"),
        )
        for item in items.of(_ENDPOINT)
    )


def security_groups(items: Items) -> tuple[SecurityGroup, ...]:
    """The security groups of a stack with their rules. One without egress rules lets nothing out: Terraform takes away
    the rule that EC2 gives a new group.
    """
    found = items.of(*_GROUPS)
    owners = Owners((item.address, ABSENT) for item in found)
    separate = items.grouped(owners, "security_group_id", _RULE, *_RULES)
    return tuple(_security_group(item, separate.of(item.address), separate.doubt, owners) for item in found)


def _security_group(item: Item, separate: Sequence[Item], doubt: bool, owners: Owners) -> SecurityGroup:
    rows = [*_inline(item), *((_direction(each), _row(each)) for each in separate)]
    rules = [_rule(direction, row, item, owners) for direction, row in rows]
    known = all(direction and isinstance(row.value("self"), Known | Absent) for direction, row in rows)
    unknown = any(item.body.unknown(direction) for direction in ("ingress", "egress"))
    return SecurityGroup(
        item.address,
        item.location,
        vpc=item.value("vpc_id"),
        rules=tuple(rules),
        complete=item.certain and known and not doubt and not unknown,
    )


def _inline(item: Item) -> Iterator[tuple[str, Row]]:
    for direction in ("ingress", "egress"):
        for row in item.body.rows(direction):
            yield direction, row


def _direction(item: Item) -> str:
    """Which way a rule of its own goes, "" when that is not known."""
    kind = item.body.block.labels[0]
    if kind in _RULES:
        return _RULES[kind]
    value = item.value("type")
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else ""


def _rule(direction: str, row: Row, group: Item, owners: Owners) -> SecurityRule:
    groups = row.items(*_PEERS)
    referring = as_flag(row.value("self"))
    return SecurityRule(
        row.place,
        direction,
        protocol=_protocol(row.value("protocol", "ip_protocol")),
        from_port=as_number(row.value("from_port")),
        to_port=as_number(row.value("to_port")),
        peers=(*row.items(*_CIDRS), *groups),
        itself=getattr(referring, "value", None) is True
        or any(group.address in (owners.named_by(peer) or ()) for peer in groups),
    )


def _protocol(value: Value) -> Value:
    match value:
        case Known(value="all", origin=origin):
            return Known("-1", origin)
        case Known(value=str() | int() | float() as data, origin=origin):
            return Known(text_of(data), origin)
        case OneOf():
            return value
        case _:
            return value if is_set(value) else ABSENT
