"""What the constructs of a CDK app and the calls of their methods make, as the resources of its template."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.model.adapters._cdk_grants import granted, may_be
from mwaalint.model.adapters._given import Given, resources_in
from mwaalint.model.adapters._policy_documents import as_list
from mwaalint.model.adapters._template_properties import Declared, member
from mwaalint.model.environment import ARGUMENTS
from mwaalint.model.values import ABSENT, Known, Unresolved, Value, is_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment

ENVIRONMENT = "mwaa.CfnEnvironment"
VPCS = frozenset({"ec2.Vpc", "ec2.Vpc.from_lookup", "ec2.Vpc.from_vpc_attributes"})
# Constructs that are the resources of a template, with all of their properties.
PLAIN = {
    "ec2.CfnInternetGateway": "AWS::EC2::InternetGateway",
    "ec2.CfnRoute": "AWS::EC2::Route",
    "ec2.CfnRouteTable": "AWS::EC2::RouteTable",
    "ec2.CfnSecurityGroup": "AWS::EC2::SecurityGroup",
    "ec2.CfnSecurityGroupEgress": "AWS::EC2::SecurityGroupEgress",
    "ec2.CfnSecurityGroupIngress": "AWS::EC2::SecurityGroupIngress",
    "ec2.CfnSubnet": "AWS::EC2::Subnet",
    "ec2.CfnSubnetRouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "ec2.CfnVPCEndpoint": "AWS::EC2::VPCEndpoint",
    "iam.CfnManagedPolicy": "AWS::IAM::ManagedPolicy",
    "iam.CfnPolicy": "AWS::IAM::Policy",
    "iam.CfnRole": "AWS::IAM::Role",
    "iam.CfnRolePolicy": "AWS::IAM::RolePolicy",
    "kms.CfnKey": "AWS::KMS::Key",
    "logs.CfnLogGroup": "AWS::Logs::LogGroup",
    "s3.CfnBucket": "AWS::S3::Bucket",
}
CONSTRUCTS = frozenset(
    {
        *PLAIN,
        *VPCS,
        ENVIRONMENT,
        "ec2.SecurityGroup",
        "iam.ManagedPolicy",
        "iam.Policy",
        "iam.Role",
        "kms.Key",
        "logs.LogGroup",
        "s3.Bucket",
    }
)
# A log group of the CDK that is not told how long to keep its events keeps them for two years.
_DEFAULT_RETENTION = 731
# A VPC has one subnet of a group in each availability zone, of which no region has more.
_MOST_ZONES = 6


class Construct(NamedTuple):
    """A construct. ``block`` is the condition in the program that it stands under, ``home`` the class that makes it."""

    kind: str
    address: str
    location: Location
    given: Given
    block: str = ""
    home: str = ""


class Use(NamedTuple):
    """A call of a method of a construct; ``granted`` for a role that is passed to a method that grants something.

    What is granted is given as statements, none where that is not known.
    """

    method: str
    address: str
    given: Given
    location: Location
    block: str = ""


class App(NamedTuple):
    """A CDK app. ``escaped`` are the constructs that are handed to code that is not followed, ``imported`` what the
    roles are named by that are given more where another stack imports them.
    """

    constructs: Mapping[str, Construct]
    uses: tuple[Use, ...]
    escaped: frozenset[str]
    imported: tuple[Value, ...] = ()


_WAITING = frozenset({"add_dependency", "add_depends_on", "node.add_dependency"})
ADDING = frozenset({"add_to_policy", "add_to_principal_policy", "granted"})
# Methods that change nothing that is read here.
HARMLESS_METHODS = frozenset({"apply_removal_policy", "arn_for_objects", "select_subnets", "url_for_object"})
# Methods whose arguments need no look: what they do is read where it is written.
FOLLOWED_METHODS = frozenset(
    {
        "add_dependency",
        "add_depends_on",
        "add_egress_rule",
        "add_ingress_rule",
        "add_managed_policy",
        "add_statements",
        "allow_from",
        "allow_to",
        "attach_inline_policy",
        "attach_to_role",
        *ADDING,
    }
)
# The constructs that others change when they are given them: they add rules and statements to them.
CHANGED_BY_OTHERS = frozenset(
    {ENVIRONMENT, "ec2.SecurityGroup", "iam.ManagedPolicy", "iam.Policy", "iam.Role", "kms.Key"}
)
# Parts of a construct whose methods change the construct.
PARTS = frozenset({"assume_role_policy", "connections", "node"})
_TRUSTING = "assume_role_policy.add_statements"
# What a program may read of a construct without changing it.
_READ = frozenset({"arn", "id", "ids", "name", "url", "ref", "stack", "env", "subnets"})


def reads_only(member_: str) -> bool:
    """Whether a member of a construct, in snake_case, cannot be used to change it."""
    return member_.rpartition("_")[2] in _READ


def default_policy(role: str) -> str:
    """The address of the policy that a role gets when something is added to it; it exists later than the role."""
    return f"DefaultPolicy of {role}"


def waited_for(address: str, environment: Environment, app: App) -> frozenset[str] | None:
    """What an environment waits for since it refers to it or the app says so.

    None where that is not known, or where its role belongs to another stack, which is deployed as a whole before.
    """
    role = environment.execution_role_arn
    owner = app.constructs.get(role.resource) if isinstance(role, Unresolved) else None
    if owner is None or owner.home != app.constructs[address].home or address in app.escaped:
        return None
    values = (environment.get(argument) for argument in ARGUMENTS)
    found = {resource for value in values for resource in resources_in(value)}
    for use in app.uses:
        if use.address == address and use.method in _WAITING:
            named = [each.resource for each in use.given.positional if isinstance(each, Unresolved) and each.resource]
            if len(named) != len(use.given.positional) or use.given.named:
                return None
            found |= {name for each in named for name in (each, default_policy(each))}
    return frozenset(found)


def resources(app: App) -> Iterator[Declared]:
    """The resources of an app's templates, as far as they are followed."""
    uses: dict[str, list[Use]] = defaultdict(list)
    for use in app.uses:
        uses[use.address].append(_with_statements(use, app) if use.method == "granted" else use)
        if use.method == "attach_inline_policy" and isinstance(policy := use.given.get("policy", 0), Unresolved):
            role = Unresolved("", "it is known when it is deployed", use.location, use.address)
            uses[policy.resource].append(
                Use("attach_to_role", policy.resource, Given((role,)), use.location, use.block)
            )
    for construct in app.constructs.values():
        whole = construct.address not in app.escaped and not _is_given_more(construct, app)
        yield from _made(construct, uses[construct.address], whole)


def _is_given_more(construct: Construct, app: App) -> bool:
    name = construct.given.get("role_name")
    return construct.kind == "iam.Role" and any(may_be(construct.address, name, each) for each in app.imported)


def _with_statements(use: Use, app: App) -> Use:
    """A grant with the statements that it adds to the role's policy."""
    statement = use.given.get("statement")
    bucket = next((app.constructs[each] for each in resources_in(statement) if each in app.constructs), None)
    return use._replace(given=Given(tuple(granted(use.given, bucket.given if bucket else None))))


def _made(construct: Construct, uses: list[Use], whole: bool) -> Iterator[Declared]:
    kind, given = construct.kind, construct.given
    if kind in PLAIN:
        yield Declared(
            PLAIN[kind], construct.address, construct.location, {**given.named}, construct.block, whole, given.rest
        )
    elif kind in VPCS:
        for group in ("public_subnets", "private_subnets", "isolated_subnets"):
            public = Known(group == "public_subnets", construct.location)
            for place in ("", *(f"[{index}]" for index in range(_MOST_ZONES))):
                yield _declared(
                    construct, "AWS::EC2::Subnet", {"public": public}, f"{construct.address}.{group}{place}"
                )
    elif kind == "s3.Bucket":
        yield _declared(construct, "AWS::S3::Bucket", _bucket(given, uses, construct.location), whole=whole)
    elif kind == "ec2.SecurityGroup":
        yield from _security_group(construct, uses, whole)
    elif kind == "iam.Role":
        yield from _role(construct, uses, whole)
    elif kind in ("iam.Policy", "iam.ManagedPolicy"):
        yield _policy(construct, uses, whole)
    elif kind == "kms.Key":
        yield _declared(construct, "AWS::KMS::Key", _key(given, uses, construct.location), whole=whole)
    elif kind == "logs.LogGroup":
        retention = given.get("retention")
        named = {"log_group_name": given.get("log_group_name"), "retention_in_days": retention}
        if "retention" not in given.named and not is_set(given.rest):
            named["retention_in_days"] = Known(_DEFAULT_RETENTION, construct.location)
        yield _declared(construct, "AWS::Logs::LogGroup", named)


def _declared(
    construct: Construct, type_: str, properties: dict[str, Value], address: str = "", *, whole: bool = True
) -> Declared:
    present = {name: value for name, value in properties.items() if is_set(value)}
    return Declared(type_, address or construct.address, construct.location, present, construct.block, whole)


def _bucket(given: Given, uses: list[Use], at: Location) -> dict[str, Value]:
    versioned = given.get("versioned")
    if isinstance(versioned, Known):
        versioned = (
            Known({"status": Known("Enabled", versioned.origin)}, versioned.origin) if versioned.value else ABSENT
        )
    rules = [*as_list(given.get("lifecycle_rules"))]
    rules += [Known({**use.given.named}, use.location) for use in uses if use.method == "add_lifecycle_rule"]
    key = given.get("encryption_key")
    by_default = Known({"server_side_encryption_by_default": Known({"kms_master_key_id": key}, at)}, at)
    return {
        "bucket_name": given.get("bucket_name"),
        "versioning_configuration": versioned,
        "public_access_block_configuration": given.get("block_public_access"),
        "bucket_encryption": Known({"server_side_encryption_configuration": by_default}, at) if is_set(key) else ABSENT,
        "lifecycle_configuration": Known({"rules": Known(tuple(_lifecycle(rule) for rule in rules), at)}, at),
    }


def _lifecycle(rule: Value) -> Value:
    if not (isinstance(rule, Known) and isinstance(rule.value, dict)):
        return rule
    enabled = member(rule, "enabled")
    off = isinstance(enabled, Known) and enabled.value is False
    status: Value = Known("Disabled" if off else "Enabled", rule.origin)
    members = {
        "status": enabled if isinstance(enabled, Unresolved) else status,
        "prefix": member(rule, "prefix"),
        "expiration_in_days": member(rule, "expiration"),
        "noncurrent_version_expiration_in_days": member(rule, "noncurrent_version_expiration"),
        "tag_filters": member(rule, "tag_filters"),
        "object_size_greater_than": member(rule, "object_size_greater_than"),
        "object_size_less_than": member(rule, "object_size_less_than"),
    }
    return Known({name: value for name, value in members.items() if is_set(value)}, rule.origin)


def _security_group(construct: Construct, uses: list[Use], whole: bool) -> Iterator[Declared]:
    outbound = construct.given.get("allow_all_outbound")
    closed = isinstance(outbound, Known) and outbound.value is False
    unsure = isinstance(outbound, Unresolved) or is_set(construct.given.rest)
    properties = {
        "vpc_id": construct.given.get("vpc"),
        "security_group_egress": Known((), construct.location) if closed else ABSENT,
    }
    rules = [rule for use in uses for rule in _rules(use)]
    followed = all(use.method in _RULES for use in uses)
    yield _declared(construct, "AWS::EC2::SecurityGroup", properties, whole=whole and followed and not unsure)
    yield from (rule for rule in rules if closed or rule.type == "AWS::EC2::SecurityGroupIngress")


# The methods that add a rule: its direction, the positions of peer and port, the peer where the method names it.
_RULES: Mapping[str, tuple[str, int, int, str]] = {
    "add_ingress_rule": ("ingress", 0, 1, ""),
    "add_egress_rule": ("egress", 0, 1, ""),
    "connections.allow_internally": ("ingress", -1, 0, "itself"),
    "connections.allow_from": ("ingress", 0, 1, ""),
    "connections.allow_from_any_ipv4": ("ingress", -1, 0, "0.0.0.0/0"),
    "connections.allow_to": ("egress", 0, 1, ""),
    "connections.allow_to_any_ipv4": ("egress", -1, 0, "0.0.0.0/0"),
}


def _rules(use: Use) -> Iterator[Declared]:
    if use.method not in _RULES:
        return
    direction, peer_at, port_at, fixed = _RULES[use.method]
    at = use.location
    itself = Unresolved("", "it is known when it is deployed", at, use.address)
    peer = use.given.get("peer", peer_at) if not fixed else itself
    peer = use.given.get("other", peer_at) if not is_set(peer) else peer
    if fixed and fixed != "itself":
        peer = Known({"cidr_ip": Known(fixed, at)}, at)
    port = use.given.get("connection", port_at)
    port = use.given.get("port_range", port_at) if not is_set(port) else port
    known = isinstance(peer, Known) or (isinstance(peer, Unresolved) and bool(peer.resource))
    properties: dict[str, Value] = {"group_id": itself}
    for part, name in ((peer, "source_security_group_id"), (port, "ip_protocol")):
        properties |= part.value if isinstance(part, Known) and isinstance(part.value, dict) else {name: part}
    for way in ("ingress", "egress") if fixed == "itself" else (direction,):
        type_ = f"AWS::EC2::SecurityGroup{way.capitalize()}"
        yield Declared(type_, f"{use.address}.{way}", at, properties, use.block if known else f"{use.block}?")


def _role(construct: Construct, uses: list[Use], whole: bool) -> Iterator[Declared]:
    given, at = construct.given, construct.location
    inline = given.get("inline_policies")
    if isinstance(inline, Known) and isinstance(inline.value, dict):
        inline = Known(tuple(Known({"policy_document": each}, inline.origin) for each in inline.value.values()), at)
    added = [use.given.get("policy", 0) for use in uses if use.method == "add_managed_policy"]
    trust = {"Effect": Known("Allow", at), "Action": Known("sts:AssumeRole", at), "Principal": given.get("assumed_by")}
    trusting = [use for use in uses if use.method == _TRUSTING and use.block == construct.block]
    others = [use for use in uses if use not in trusting]
    statements: list[Value] = [Known(trust, at), *(each for use in trusting for each in _statements(use))]
    if not whole or any(use.method.startswith("assume_role_policy.") for use in others):
        statements.append(Unresolved("", "more may be added", at))
    properties = {
        "role_name": given.get("role_name"),
        "assume_role_policy_document": Known({"Statement": Known(tuple(statements), at)}, at),
        "policies": inline,
        "managed_policy_arns": Known((*as_list(given.get("managed_policies")), *added), at),
    }
    followed = all(use.method in (*ADDING, "add_managed_policy", "attach_inline_policy") for use in others)
    unknown = any(use.method == "granted" and not use.given.positional for use in uses)
    complete = whole and followed and not unknown and not is_set(given.rest)
    yield _declared(construct, "AWS::IAM::Role", properties, whole=complete)
    yield from _added_policy(construct, [use for use in uses if use.method in ADDING])


def _added_policy(construct: Construct, uses: list[Use]) -> Iterator[Declared]:
    if not uses:
        return
    at = uses[0].location
    statements = tuple(each for use in uses for each in _statements_of(use))
    blocks = {use.block for use in uses}
    role = Unresolved("", "it is known when it is deployed", at, construct.address)
    properties: dict[str, Value] = {
        "roles": Known((role,), at),
        "policy_document": Known({"Statement": Known(statements, at)}, at),
    }
    block = construct.block if blocks == {construct.block} else "".join(sorted(blocks)) or "?"
    yield Declared("AWS::IAM::Policy", default_policy(construct.address), at, properties, block)


def _statements_of(use: Use) -> tuple[Value, ...]:
    return use.given.positional if use.method == "granted" else (use.given.get("statement", 0),)


def _policy(construct: Construct, uses: list[Use], whole: bool) -> Declared:
    given, at = construct.given, construct.location
    written: list[Value] = [*as_list(given.get("statements"))]
    document = given.get("document")
    written += as_list(member(document, "statement")) if isinstance(document, Known) else as_list(document)
    written += [each for use in uses if use.method == "add_statements" for each in _statements(use)]
    roles: list[Value] = [*as_list(given.get("roles"))]
    roles += [use.given.get("role", 0) for use in uses if use.method == "attach_to_role"]
    properties: dict[str, Value] = {
        "roles": Known(tuple(roles), at),
        "policy_document": Known({"Statement": Known(tuple(written), at)}, at),
    }
    followed = all(use.method in ("add_statements", "attach_to_role") for use in uses)
    unsure = () if whole and followed and not is_set(given.rest) else (Unresolved("", "more may be added", at),)
    properties["policy_document"] = Known({"Statement": Known((*written, *unsure), at)}, at)
    type_ = "AWS::IAM::Policy" if construct.kind == "iam.Policy" else "AWS::IAM::ManagedPolicy"
    return _declared(construct, type_, properties)


def _statements(use: Use) -> tuple[Value, ...]:
    return use.given.positional or as_list(use.given.get("statement"))


def _key(given: Given, uses: list[Use], at: Location) -> dict[str, Value]:
    added = tuple(use.given.get("statement", 0) for use in uses if use.method == "add_to_resource_policy")
    policy = given.get("policy")
    if added and not isinstance(policy, Unresolved):
        written = as_list(member(policy, "statement")) or (_owner(at),)
        policy = Known({"Statement": Known((*written, *added), at)}, at)
    return {"multi_region": given.get("multi_region"), "key_policy": policy}


def _owner(at: Location) -> Known:
    """The statement that the CDK writes first: the account's identities may be allowed to use the key."""
    principal = Known({"AWS": Known("root", at)}, at)
    star = {"Action": Known("kms:*", at), "Resource": Known("*", at)}
    return Known({"Effect": Known("Allow", at), "Principal": principal, **star}, at)
