"""MW217: security groups that keep the parts of an environment from each other, or from everything."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._related import short
from mwaalint.model.environment import Environment
from mwaalint.model.values import Absent, Known, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.findings import Finding
    from mwaalint.model.resources import SecurityGroup, SecurityRule
    from mwaalint.model.values import Value

# The web server's endpoint and the metadata database, which AWS names for the narrow form of the rule.
_PORTS = (443, 5432)
_RANGES = ("cidr", "prefix")
_ONE_ADDRESS = ("/32", "/128")


@check("MW217", on=Environment)
def security_group_not_self_referencing(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports groups of which all rules are known and none lets the environment reach itself, or anything.

    A rule whose ports or peers are not known may be the one, and so may a group that the project does not declare.
    """
    groups = [group for group in ctx.deployment.related.security_groups if group and group.complete]
    if not groups or len(groups) != len(ctx.deployment.related.security_groups):
        return
    place = environment.declared.get("network_configuration", environment.location)
    related = [place.noted("the environment is in it"), *(group.location.noted("and in it") for group in groups[1:])]
    names = ", ".join(short(group.address) for group in groups)
    missing = [str(port) for port in _PORTS if not _reaches_itself(groups, port)]
    if missing:
        ports = f"port{'s' if missing[1:] else ''} {' and '.join(missing)}"
        yield ctx.report(groups[0].location, related=related, groups=names, ports=ports)
    if not any(rule.direction == "egress" for group in groups for rule in group.rules):
        yield ctx.report(groups[0].location, "egress", related=related, subject="egress", groups=names)


def _reaches_itself(groups: Sequence[SecurityGroup], port: int) -> bool:
    addresses = {group.address for group in groups}
    ingress = [rule for group in groups for rule in group.rules if rule.direction == "ingress"]
    return any(_allows(rule, port) and (rule.itself or _from_inside(rule, addresses)) for rule in ingress)


def _allows(rule: SecurityRule, port: int) -> bool:
    """Whether TCP on a port may pass; what is not known may."""
    protocol = rule.protocol.value if isinstance(rule.protocol, Known) else None
    if protocol == "-1" or not isinstance(protocol, str):
        return True
    first, last = _number(rule.from_port), _number(rule.to_port)
    return protocol.lower() in ("tcp", "6") and (first is None or first <= port) and (last is None or port <= last)


def _number(value: Value) -> int | None:
    return value.value if isinstance(value, Known) and isinstance(value.value, int) else None


def _from_inside(rule: SecurityRule, addresses: set[str]) -> bool:
    """Whether a rule may let in what is in the environment's own groups or subnets."""
    return any(_is_inside(peer, addresses) for peer in rule.peers)


def _is_inside(peer: Value, addresses: set[str]) -> bool:
    match peer:
        case Unresolved(parts=(*_, Known(value=str() as last))) if last.endswith(_ONE_ADDRESS):
            return False
        case Unresolved(resource=resource, expression=expression):
            # A resource of the project that is no range of addresses is another group.
            return not resource or resource in addresses or any(word in expression.lower() for word in _RANGES)
        case Known(value=str() as text):
            return _holds_a_network(text)
        case _:
            return not isinstance(peer, Absent)


def _holds_a_network(text: str) -> bool:
    """Whether a CIDR block may hold the environment's subnets: all addresses, or a private range of more than one."""
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return True
    return network.prefixlen == 0 or (network.is_private and network.num_addresses > 1)
