"""The resources of a template beside its environments: buckets, networks, log groups and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._policy_documents import as_list, policy
from mwaalint.model.adapters._template_properties import Declared, Joins, flag, mapped, member, number, text
from mwaalint.model.adapters._template_roles import roles
from mwaalint.model.adapters._template_security import security_groups
from mwaalint.model.resources import (
    Bucket,
    KmsKey,
    LifecycleRule,
    LogGroup,
    Resources,
    Route,
    RouteTable,
    Subnet,
    VpcEndpoint,
)
from mwaalint.model.values import ABSENT, Known, OneOf, Unresolved, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TYPES = frozenset(
    {
        "AWS::S3::Bucket",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::Route",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::Subnet",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCEndpoint",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::RolePolicy",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
    }
)

_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_TARGETS = {"gateway_id": "internet", "nat_gateway_id": "nat", "transit_gateway_id": "transit"}
_STATUS = {"Enabled": True, "Disabled": False, "Suspended": False}


def resources_of(declared: Iterable[Declared]) -> Resources:
    """What the resources of one template come to, the separate ones joined to those they are about."""
    by_type: dict[str, list[Declared]] = {}
    for each in declared:
        by_type.setdefault(each.type, []).append(each)
    return Resources(
        buckets=tuple(_bucket(each) for each in by_type.get("AWS::S3::Bucket", ())),
        subnets=tuple(_subnet(each) for each in by_type.get("AWS::EC2::Subnet", ())),
        route_tables=_route_tables(by_type),
        vpc_endpoints=tuple(_endpoint(each) for each in by_type.get("AWS::EC2::VPCEndpoint", ())),
        security_groups=security_groups(by_type),
        log_groups=tuple(_log_group(each) for each in by_type.get("AWS::Logs::LogGroup", ())),
        keys=tuple(_key(each) for each in by_type.get("AWS::KMS::Key", ())),
        roles=roles(by_type),
    )


def _bucket(each: Declared) -> Bucket:
    rules = each.get("lifecycle_configuration", "rules")
    read = tuple(rule for item in as_list(rules) if (rule := _lifecycle_rule(item)))
    return Bucket(
        each.address,
        each.location,
        name=text(each.get("bucket_name")),
        versioning=_status(each.get("versioning_configuration", "status")),
        public_access_block=_public_access_block(each.get("public_access_block_configuration")),
        kms_key=_encryption_key(each.get("bucket_encryption", "server_side_encryption_configuration")),
        lifecycle_rules=read,
        complete=each.complete and len(read) == len(as_list(rules)),
    )


def _public_access_block(value: Value) -> Value:
    if not (isinstance(value, Known) and isinstance(value.value, dict)):
        return value
    flags = {name: flag(member(value, name)) for name in _BLOCKS}
    off = Known(False, value.origin)
    return Known({name: content if is_set(content) else off for name, content in flags.items()}, value.origin)


def _encryption_key(rules: Value) -> Value:
    keys = [member(member(rule, "server_side_encryption_by_default"), "kms_master_key_id") for rule in as_list(rules)]
    return keys[0] if len(keys) == 1 else ABSENT


def _lifecycle_rule(value: Value) -> LifecycleRule | None:
    if not (isinstance(value, Known) and isinstance(value.value, dict)):
        return None
    prefix = member(value, "prefix")
    days = member(member(value, "noncurrent_version_expiration"), "noncurrent_days")
    narrowing = ("tag_filters", "object_size_greater_than", "object_size_less_than")
    return LifecycleRule(
        value.origin,
        enabled=_status(member(value, "status")),
        prefix=text(prefix) if is_set(prefix) else Known("", value.origin),
        expiration_days=number(member(value, "expiration_in_days")),
        noncurrent_expiration_days=number(
            days if is_set(days) else member(value, "noncurrent_version_expiration_in_days")
        ),
        narrowed=any(is_set(member(value, name)) for name in narrowing),
    )


def _status(value: Value) -> Value:
    return mapped(value, lambda content: _STATUS.get(str(content)))


def _subnet(each: Declared) -> Subnet:
    return Subnet(
        each.address,
        each.location,
        vpc=each.get("vpc_id"),
        availability_zone=each.get("availability_zone"),
        public_ip=flag(each.get("map_public_ip_on_launch")),
        public=each.get("public"),
    )


def _route_tables(by_type: Mapping[str, Sequence[Declared]]) -> tuple[RouteTable, ...]:
    gateways = frozenset(each.address for each in by_type.get("AWS::EC2::InternetGateway", ()))
    routes, associations = (
        Joins(by_type.get(f"AWS::EC2::{type_}", ()), lambda _: "route_table_id")
        for type_ in ("Route", "SubnetRouteTableAssociation")
    )
    return tuple(_route_table(each, routes, associations, gateways) for each in by_type.get("AWS::EC2::RouteTable", ()))


def _route_table(each: Declared, routes: Joins, associations: Joins, gateways: frozenset[str]) -> RouteTable:
    its, sure_of_routes = routes.of(each)
    joined, sure_of_subnets = associations.of(each)
    return RouteTable(
        each.address,
        each.location,
        vpc=each.get("vpc_id"),
        routes=tuple(_route(route, gateways) for route in its),
        subnets=tuple(one.get("subnet_id") for one in joined),
        complete=each.complete and sure_of_routes and sure_of_subnets,
    )


def _route(route: Declared, gateways: frozenset[str]) -> Route:
    destination = next(
        (
            value
            for name in ("destination_cidr_block", "destination_ipv6_cidr_block")
            if is_set(value := route.get(name))
        ),
        ABSENT,
    )
    target = next((kind for name, kind in _TARGETS.items() if is_set(route.get(name))), "other")
    if target == "internet" and not _is_internet(route.get("gateway_id"), gateways):
        target = "other"
    return Route(route.location, destination, target)


def _is_internet(gateway: Value, gateways: frozenset[str]) -> bool:
    if isinstance(gateway, Known):
        return str(gateway.value).startswith("igw-")
    return isinstance(gateway, Unresolved) and gateway.resource in gateways


def _endpoint(each: Declared) -> VpcEndpoint:
    return VpcEndpoint(
        each.address,
        each.location,
        vpc=each.get("vpc_id"),
        service=each.get("service_name"),
        private_dns=flag(each.get("private_dns_enabled")),
    )


def _log_group(each: Declared) -> LogGroup:
    return LogGroup(
        each.address,
        each.location,
        name=each.get("log_group_name"),
        retention_in_days=number(each.get("retention_in_days")),
    )


def _key(each: Declared) -> KmsKey:
    written = each.get("key_policy")
    found = policy(written, each.location) if is_set(written) else None
    unknown = isinstance(written, Unresolved | OneOf)
    return KmsKey(
        each.address,
        each.location,
        multi_region=flag(each.get("multi_region")),
        policy=None if unknown else found,
        complete=each.complete and not unknown and (found is None or found.complete),
    )
