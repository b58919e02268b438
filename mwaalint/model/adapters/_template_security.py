"""The security groups of a template with their rules, inside of them and as resources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._template_properties import Declared, Joins, member, number, text
from mwaalint.model.resources import SecurityGroup, SecurityRule, leads_to
from mwaalint.model.values import Known, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mwaalint.findings import Location

_SEPARATE = {"AWS::EC2::SecurityGroupIngress": "ingress", "AWS::EC2::SecurityGroupEgress": "egress"}
_PEERS = (
    "cidr_ip",
    "cidr_ipv6",
    "source_security_group_id",
    "destination_security_group_id",
    "source_prefix_list_id",
    "destination_prefix_list_id",
)
_GROUP_PEERS = ("source_security_group_id", "destination_security_group_id")


def security_groups(by_type: Mapping[str, Sequence[Declared]]) -> tuple[SecurityGroup, ...]:
    """The groups of a template."""
    separate = Joins([each for type_ in _SEPARATE for each in by_type.get(type_, ())], lambda _: "group_id")
    return tuple(_security_group(each, separate) for each in by_type.get("AWS::EC2::SecurityGroup", ()))


def _security_group(group: Declared, separate: Joins) -> SecurityGroup:
    inline = [
        (direction, item) for direction in ("ingress", "egress") for item in group.items(f"security_group_{direction}")
    ]
    its, sure = separate.of(group)
    rules = [
        *(_rule(direction, item, item.origin, group) for direction, item in inline if isinstance(item, Known)),
        *(_rule(_SEPARATE[each.type], _whole(each), each.location, group) for each in its),
    ]
    known = all(isinstance(item, Known) and isinstance(item.value, dict) for _, item in inline)
    return SecurityGroup(
        group.address,
        group.location,
        vpc=group.get("vpc_id"),
        rules=(*rules, *_default_egress(group, its)),
        complete=group.complete and sure and known,
    )


def _whole(each: Declared) -> Known:
    return Known(each.properties, each.location)


def _rule(direction: str, value: Value, location: Location, group: Declared) -> SecurityRule:
    peers = [peer for name in _PEERS if is_set(peer := member(value, name))]
    groups = [member(value, name) for name in _GROUP_PEERS]
    return SecurityRule(
        location,
        direction,
        protocol=text(member(value, "ip_protocol")),
        from_port=number(member(value, "from_port")),
        to_port=number(member(value, "to_port")),
        peers=tuple(peers),
        itself=any(leads_to(each, group.address) for each in groups),
    )


def _default_egress(group: Declared, its: Sequence[Declared]) -> Iterator[SecurityRule]:
    """EC2 lets everything out of a group for which nothing else is said."""
    if is_set(group.get("security_group_egress")) or any(_SEPARATE[each.type] == "egress" for each in its):
        return
    place = group.location
    yield SecurityRule(place, "egress", protocol=Known("-1", place), peers=(Known("0.0.0.0/0", place),))
