"""MW208: subnets that MWAA does not take: not two, in one zone, or public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._networks import default_route, place_of, subnet_ids, table_of
from mwaalint.checks.environment._related import short
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known, Unresolved, known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Location
    from mwaalint.model.resources import Subnet
    from mwaalint.model.values import Value

_WANTED = 2
# An output that VPC modules have for subnets with a route to the internet gateway.
_PUBLIC_OUTPUT = regex(r"\bmodule\.[\w-]+(?:\[[^\]]*\])?\.public_subnets?(?:_ids)?\b")
# One element of a list is the same each time; an element by count.index is not.
_ONE_ELEMENT = regex(r"[\w.-]+\[\d+\]")


@check("MW208", on=Environment)
def invalid_subnets(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports what is certain of the subnets; ids that come from outside are neither counted nor judged."""
    ids = subnet_ids(environment)
    if "network_configuration" in environment.ignored_changes or ids is None:
        return
    place = place_of(ids, environment)
    if isinstance(ids, Unresolved) and (match := _PUBLIC_OUTPUT.search(ids.expression)):
        yield ctx.report(place, "module", subject="public", output=match[0])
    if not (isinstance(ids, Known) and isinstance(ids.value, tuple)):
        return
    different = {_identity(each, index) for index, each in enumerate(ids.value)}
    # None at all, or a word in place of an id, is what a variable says that is given where it is deployed.
    if different and len(different) != _WANTED and all(_is_id(each) for each in ids.value):
        yield ctx.report(place, "count", count=len(different))
    subnets = ctx.deployment.related.subnets
    zone = _shared_zone(subnets)
    if zone is not None and len(different) == _WANTED:
        related = [each.location.noted("in that zone") for each in subnets if each]
        yield ctx.report(place, "zone", related=related, subject="zone", zone=zone)
    yield from _public(environment, ctx)


def _is_id(value: Value) -> bool:
    return not isinstance(value, Known) or str(value.value).startswith("subnet-")


def _identity(value: Value, index: int) -> object:
    """Equal for two entries that are surely the same subnet."""
    return value.value if isinstance(value, Known) else index


def _shared_zone(subnets: tuple[Subnet | None, ...]) -> str | None:
    """The zone that all subnets are in; None where they are not, or where that is not known."""
    zones = [_zone(each.availability_zone) if each else None for each in subnets]
    return zones[0] if len(zones) > 1 and len(set(zones)) == 1 else None


def _zone(value: Value) -> str | None:
    if isinstance(value, Unresolved):
        return value.expression if _ONE_ELEMENT.fullmatch(value.expression) else None
    return known(value, str)


def _public(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Subnets whose table sends all to an internet gateway, or that say so themselves where no table is known."""
    related = ctx.deployment.related
    found: dict[str, dict[str, list[Location]]] = {"route": {}, "public": {}}
    for subnet in {each.address: each for each in related.subnets if each}.values():
        table = table_of(subnet, related)
        default = default_route(table) if table else None
        places = [subnet.location.noted("this subnet")]
        if default is not None and default.target == "internet":
            found["route"][subnet.address] = [*places, default.location.noted("the route to the internet gateway")]
        elif table is None and (known(subnet.public, bool) or known(subnet.public_ip, bool)):
            found["public"][subnet.address] = places
    where = place_of(subnet_ids(environment), environment)
    for message, subnets in found.items():
        if subnets:
            places = list(dict.fromkeys(place for places in subnets.values() for place in places))
            yield ctx.report(
                where, message, related=places, subject="public", subnets=" and ".join(map(short, subnets))
            )
