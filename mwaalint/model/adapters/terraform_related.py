"""What a Terraform root declares beside its environments: buckets, networks, keys, roles and log groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters import terraform_access, terraform_buckets, terraform_networks
from mwaalint.model.adapters._policy_texts import placed
from mwaalint.model.adapters.terraform_items import Items
from mwaalint.model.resources import LogGroup, Resources
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.model.adapters.terraform_instances import Instance

_LOG_GROUP = "aws_cloudwatch_log_group"
_KINDS = terraform_access.KINDS | terraform_buckets.KINDS | terraform_networks.KINDS | {_LOG_GROUP}
# A cheap test on bytes: modules that fail it are not evaluated for this.
MENTIONED = regex(b"|".join(rb'"%s"' % kind.encode() for kind in sorted(_KINDS)))


def resources(instances: Iterable[Instance]) -> Resources:
    """The resources of a root with all that it calls."""
    found = list(instances)
    items = Items(found, _KINDS)
    files = found[0].module.project if found else {}
    return Resources(
        buckets=terraform_buckets.buckets(items),
        subnets=terraform_networks.subnets(items),
        route_tables=terraform_networks.route_tables(items),
        vpc_endpoints=terraform_networks.vpc_endpoints(items),
        security_groups=terraform_networks.security_groups(items),
        log_groups=_log_groups(items),
        keys=terraform_access.keys(items),
        roles=tuple(placed(role, files) for role in terraform_access.roles(items)),
    )


def _log_groups(items: Items) -> tuple[LogGroup, ...]:
    return tuple(
        LogGroup(item.address, item.location, item.value("name"), item.body.number("retention_in_days"))
        for item in items.of(_LOG_GROUP)
    )
