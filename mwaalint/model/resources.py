"""What a project declares beside its environments: buckets, networks, log groups, keys and roles, whatever the
dialect.

Every member that a template writes is a Value. A reference to another resource of the project is ``Known`` where its
name is written out, and else ``Unresolved`` with the ``resource`` it leads to; ``leads_to`` follows both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.model.values import ABSENT, Known, Unresolved, Value

if TYPE_CHECKING:
    from mwaalint.findings import Location


class LifecycleRule(NamedTuple):
    """One lifecycle rule of a bucket. ``prefix`` is Known("") for the whole bucket; days are counts of days.

    ``narrowed``: it also asks for tags or object sizes, so it is not known which objects it meets.
    """

    location: Location
    enabled: Value = ABSENT
    prefix: Value = ABSENT
    expiration_days: Value = ABSENT
    noncurrent_expiration_days: Value = ABSENT
    narrowed: bool = False


class Bucket(NamedTuple):
    """A bucket with what its own and separate resources say of it.

    ``versioning`` is Known(True) when enabled, Known(False) when suspended; ``public_access_block`` a map of the four
    flags (``block_public_acls``, ``block_public_policy``, ``ignore_public_acls``, ``restrict_public_buckets``) to bool;
    ``kms_key`` the key of its default encryption. ``complete``: nothing else in the project can say more of it.
    """

    address: str
    location: Location
    name: Value = ABSENT
    versioning: Value = ABSENT
    public_access_block: Value = ABSENT
    kms_key: Value = ABSENT
    lifecycle_rules: tuple[LifecycleRule, ...] = ()
    complete: bool = True


class Subnet(NamedTuple):
    """A subnet; ``public_ip`` is ``map_public_ip_on_launch``, ``public`` Known where the dialect itself says so."""

    address: str
    location: Location
    vpc: Value = ABSENT
    availability_zone: Value = ABSENT
    public_ip: Value = ABSENT
    public: Value = ABSENT


class Route(NamedTuple):
    """A route: ``destination`` is the CIDR block, ``target`` "internet", "nat", "transit" or "other"."""

    location: Location
    destination: Value
    target: str


class RouteTable(NamedTuple):
    """A route table with its routes, inline and separate, and the subnets that are associated with it.

    ``main``: the VPC's main table, for subnets that have none of their own. ``complete`` as for a bucket.
    """

    address: str
    location: Location
    vpc: Value = ABSENT
    routes: tuple[Route, ...] = ()
    subnets: tuple[Value, ...] = ()
    main: bool = False
    complete: bool = True


class VpcEndpoint(NamedTuple):
    """A VPC endpoint; ``service`` is its service name ("com.amazonaws.eu-west-1.s3")."""

    address: str
    location: Location
    vpc: Value = ABSENT
    service: Value = ABSENT
    private_dns: Value = ABSENT


class SecurityRule(NamedTuple):
    """One ingress or egress rule: ``direction`` is "ingress" or "egress", ``protocol`` "-1" for all.

    ``peers`` are CIDR blocks and references to security groups; ``itself``: the group is its own peer.
    """

    location: Location
    direction: str
    protocol: Value = ABSENT
    from_port: Value = ABSENT
    to_port: Value = ABSENT
    peers: tuple[Value, ...] = ()
    itself: bool = False


class SecurityGroup(NamedTuple):
    """A security group with its rules, inline and separate; ``complete`` as for a bucket."""

    address: str
    location: Location
    vpc: Value = ABSENT
    rules: tuple[SecurityRule, ...] = ()
    complete: bool = True


class LogGroup(NamedTuple):
    """A CloudWatch log group; ``retention_in_days`` is absent where logs are kept for ever."""

    address: str
    location: Location
    name: Value = ABSENT
    retention_in_days: Value = ABSENT


class Statement(NamedTuple):
    """A statement of a policy. Lists are tuples of Values, text each; ``effect`` is Known("Allow") unless it says Deny.

    ``principals`` are pairs of a type ("Service", "AWS", "*") and its identifiers; ``conditions`` maps an operator to a
    map of keys to values, or is not resolved.
    """

    location: Location
    effect: Value = ABSENT
    sid: Value = ABSENT
    actions: tuple[Value, ...] = ()
    not_actions: tuple[Value, ...] = ()
    resources: tuple[Value, ...] = ()
    not_resources: tuple[Value, ...] = ()
    principals: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    conditions: Value = ABSENT


class Policy(NamedTuple):
    """A policy document. ``complete`` is False where a part of it is not known, such as statements that are computed.

    ``address`` is the resource of its own that holds it, "" where it stands inside of another.
    """

    location: Location
    statements: tuple[Statement, ...] = ()
    complete: bool = True
    address: str = ""


class Role(NamedTuple):
    """An IAM role: who may assume it, the policies written in the project, and the ARNs of managed ones.

    ``attachments`` are the addresses of the resources that give it policies after it was made. ``complete`` is False
    where something may grant more than is known: a policy not resolved, a grant method, an attachment elsewhere.
    """

    address: str
    location: Location
    name: Value = ABSENT
    trust: Policy | None = None
    policies: tuple[Policy, ...] = ()
    managed: tuple[Value, ...] = ()
    attachments: tuple[str, ...] = ()
    complete: bool = True


class KmsKey(NamedTuple):
    """A KMS key. ``policy`` is None where it has KMS's default policy, or one that is not known: then not complete.
    ``granted`` tells that grants may let somebody use it, whatever the policies say.
    """

    address: str
    location: Location
    multi_region: Value = ABSENT
    policy: Policy | None = None
    complete: bool = True
    granted: bool = False


class Resources(NamedTuple):
    """All that one stack declares beside its environments."""

    buckets: tuple[Bucket, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    vpc_endpoints: tuple[VpcEndpoint, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    log_groups: tuple[LogGroup, ...] = ()
    keys: tuple[KmsKey, ...] = ()
    roles: tuple[Role, ...] = ()


def leads_to(value: Value, address: str, name: Value = ABSENT) -> bool:
    """Whether a value refers to the resource at an address, by reference or by the name that both write out.

    An ARN refers to the name it ends with: ``arn:aws:s3:::etl`` to the bucket ``etl``.
    """
    if isinstance(value, Unresolved):
        return bool(value.resource) and value.resource == address
    if not (isinstance(value, Known) and isinstance(value.value, str) and isinstance(name, Known)):
        return False
    return value.value == name.value or (value.value.startswith("arn:") and _last_part(value.value) == name.value)


def _last_part(arn: str) -> str:
    """``etl`` of ``arn:aws:s3:::etl`` and of ``arn:aws:iam::111122223333:role/service/etl``."""
    return arn.rpartition(":")[2].rpartition("/")[2]
