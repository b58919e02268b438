"""The resources of a Pulumi program beside its environments, as those of a template are read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.model.adapters._given import resources_in
from mwaalint.model.adapters._policy_documents import as_list
from mwaalint.model.adapters._template_properties import Declared, member
from mwaalint.model.adapters._template_resources import resources_of
from mwaalint.model.environment import ARGUMENTS
from mwaalint.model.values import ABSENT, Known, Unresolved, Value, is_set
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mwaalint.findings import Location
    from mwaalint.model.adapters._given import Given
    from mwaalint.model.environment import Environment
    from mwaalint.model.resources import Resources

_QUALIFIED = regex(
    r"(?:pulumi_aws|@pulumi/aws|aws)[./:](?P<service>cloudwatch|ec2|iam|kms|s3|vpc)(?:[./]\w+)?[.:/](?P<name>[A-Z]\w*)"
)
_PLAIN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "cloudwatch.LogGroup": (
        "AWS::Logs::LogGroup",
        {"name": "log_group_name", "retention_in_days": "retention_in_days"},
    ),
    "ec2.InternetGateway": ("AWS::EC2::InternetGateway", {}),
    "ec2.Subnet": (
        "AWS::EC2::Subnet",
        {
            "vpc_id": "vpc_id",
            "availability_zone": "availability_zone",
            "map_public_ip_on_launch": "map_public_ip_on_launch",
        },
    ),
    "iam.Policy": ("AWS::IAM::ManagedPolicy", {"policy": "policy_document"}),
    "iam.RolePolicy": ("AWS::IAM::RolePolicy", {"role": "role_name", "policy": "policy_document"}),
    "kms.Key": ("AWS::KMS::Key", {"policy": "key_policy", "multi_region": "multi_region"}),
}
_BUCKETS = frozenset({"s3.Bucket", "s3.BucketV2"})
_FACETS = {
    "s3.BucketVersioning": "versioning",
    "s3.BucketVersioningV2": "versioning",
    "s3.BucketPublicAccessBlock": "block",
    "s3.BucketLifecycleConfiguration": "lifecycle",
    "s3.BucketLifecycleConfigurationV2": "lifecycle",
    "s3.BucketServerSideEncryptionConfiguration": "encryption",
    "s3.BucketServerSideEncryptionConfigurationV2": "encryption",
}
_RULES = {
    "ec2.SecurityGroupRule": "",
    "vpc.SecurityGroupIngressRule": "ingress",
    "vpc.SecurityGroupEgressRule": "egress",
}
KINDS = frozenset({*_PLAIN, *_BUCKETS, *_FACETS, *_RULES, "ec2.SecurityGroup", "iam.Role", "iam.RolePolicyAttachment"})
_CIDRS = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_GROUPS = ("security_groups", "source_security_group_id", "referenced_security_group_id")


# The attributes that name a resource as its id does.
NAMING = frozenset({"arn", "id", "name", "bucket", "key_id", "keyId"})


class Made(NamedTuple):
    """A resource of a program. ``block`` is the condition in the program that it stands under."""

    kind: str
    address: str
    location: Location
    given: Given
    block: str = ""


def pulumi_kind(qualified: str) -> str:
    """``s3.Bucket`` of the name as it is imported, or of a type of YAML; "" for what is not read here."""
    found = _QUALIFIED.fullmatch(qualified)
    kind = f"{found['service']}.{found['name']}" if found else ""
    return kind if kind in KINDS else ""


def resources(made: Sequence[Made]) -> Resources:
    """What the resources of one program come to."""
    return resources_of(each for one in made for each in _declared(one, made))


def waited_for(environment: Environment, depends_on: Value) -> frozenset[str] | None:
    """What an environment waits for since it refers to it or its options say so; None where that is not known."""
    values = [environment.get(argument) for argument in ARGUMENTS]
    if not all(isinstance(each, Unresolved) and each.resource for each in as_list(depends_on)):
        return None
    return frozenset(address for value in (*values, depends_on) for address in resources_in(value))


def document_of(given: Given, at: Location) -> Value:
    """The policy document that ``getPolicyDocument`` makes."""
    return _map(at, Statement=Known(tuple(_statement(each) for each in as_list(given.get("statements"))), at))


def _statement(written: Value) -> Value:
    if not (isinstance(written, Known) and isinstance(written.value, dict)):
        return written
    at = written.origin
    principals: dict[str, Value] = {}
    for each in as_list(member(written, "principals")):
        kind = member(each, "type")
        if not isinstance(kind, Known):
            return each
        principals[str(kind.value)] = member(each, "identifiers")
    conditions: dict[str, dict[str, Value]] = {}
    for each in as_list(member(written, "conditions")):
        test, variable = member(each, "test"), member(each, "variable")
        if not (isinstance(test, Known) and isinstance(variable, Known)):
            return each
        conditions.setdefault(str(test.value), {})[str(variable.value)] = member(each, "values")
    return _map(
        at,
        Effect=member(written, "effect"),
        Sid=member(written, "sid"),
        Action=member(written, "actions"),
        NotAction=member(written, "not_actions"),
        Resource=member(written, "resources"),
        NotResource=member(written, "not_resources"),
        Principal=Known(principals, at) if principals else ABSENT,
        Condition=Known({test: Known(each, at) for test, each in conditions.items()}, at) if conditions else ABSENT,
    )


def _declared(one: Made, made: Sequence[Made]) -> Iterator[Declared]:
    match one.kind:
        case kind if kind in _PLAIN:
            type_, names = _PLAIN[kind]
            yield _as(one, type_, {new: one.given.get(name) for name, new in names.items()})
        case kind if kind in _BUCKETS:
            yield _bucket(one, [each for each in made if each.kind in _FACETS])
        case "ec2.SecurityGroup":
            rules = {f"security_group_{way}": _inline(one.given.get(way), one) for way in ("ingress", "egress")}
            yield _as(one, "AWS::EC2::SecurityGroup", {"vpc_id": one.given.get("vpc_id"), **rules})
        case kind if kind in _RULES:
            yield from _rule(one)
        case "iam.Role":
            yield _role(one, [each for each in made if each.kind == "iam.RolePolicyAttachment"])
        case _:
            yield _attachment(one, made)


def _as(one: Made, type_: str, properties: dict[str, Value], *, whole: bool = True) -> Declared:
    present = {name: value for name, value in properties.items() if is_set(value)}
    return Declared(type_, one.address, one.location, present, one.block, whole, one.given.rest)


def _bucket(bucket: Made, facets: Iterable[Made]) -> Declared:
    name = bucket.given.get("bucket")
    of: dict[str, list[Made]] = {}
    whole = True
    for facet in facets:
        target = facet.given.get("bucket")
        if _leads(target, bucket.address, name):
            of.setdefault(_FACETS[facet.kind], []).append(facet)
            whole = whole and facet.block in ("", bucket.block)
        else:
            whole = whole and (isinstance(target, Known) or (isinstance(target, Unresolved) and bool(target.resource)))
    given = bucket.given
    inline = member(given.get("versioning"), "enabled")
    versioning = _sole(
        [member(each.given.get("versioning_configuration"), "status") for each in of.get("versioning", ())]
    )
    rules = [*as_list(given.get("lifecycle_rules"))]
    rules += [rule for each in of.get("lifecycle", ()) for rule in as_list(each.given.get("rules"))]
    encryption = [*as_list(member(given.get("server_side_encryption_configuration"), "rule"))]
    encryption += [rule for each in of.get("encryption", ()) for rule in as_list(each.given.get("rules"))]
    at = bucket.location
    properties = {
        "bucket_name": name,
        "versioning_configuration": _map(at, status=versioning if is_set(versioning) else _status(inline)),
        "public_access_block_configuration": _sole([_flags(each) for each in of.get("block", ())]),
        "bucket_encryption": _map(
            at, server_side_encryption_configuration=Known(tuple(map(_encryption, encryption)), at)
        ),
        "lifecycle_configuration": _map(at, rules=Known(tuple(map(_lifecycle, rules)), at)),
    }
    return _as(bucket, "AWS::S3::Bucket", properties, whole=whole)


def _leads(value: Value, address: str, name: Value) -> bool:
    if isinstance(value, Unresolved):
        return value.resource == address
    return isinstance(value, Known) and isinstance(name, Known) and value.value == name.value


def _sole(values: Sequence[Value]) -> Value:
    if len(values) == 1:
        return values[0]
    origins = [value.origin for value in values if isinstance(value, Known | Unresolved)]
    return Unresolved("", "more than one resource says it", origins[0]) if origins else ABSENT


def _map(at: Location, **members: Value) -> Known:
    return Known({name: value for name, value in members.items() if is_set(value)}, at)


def _status(enabled: Value) -> Value:
    if isinstance(enabled, Known):
        return Known("Enabled" if enabled.value is True else "Suspended", enabled.origin)
    return enabled


def _flags(block: Made) -> Value:
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    return _map(block.location, **{name: block.given.get(name) for name in names})


def _encryption(rule: Value) -> Value:
    by_default = member(rule, "apply_server_side_encryption_by_default")
    if not isinstance(rule, Known):
        return rule
    key = member(by_default, "kms_master_key_id")
    return _map(rule.origin, server_side_encryption_by_default=_map(rule.origin, kms_master_key_id=key))


def _lifecycle(rule: Value) -> Value:
    if not (isinstance(rule, Known) and isinstance(rule.value, dict)):
        return rule
    status, filter_ = member(rule, "status"), member(rule, "filter")
    versions = member(rule, "noncurrent_version_expiration")
    days = member(versions, "noncurrent_days")
    kept = member(versions, "newer_noncurrent_versions")
    narrowing = ("tag", "and", "object_size_greater_than", "object_size_less_than")
    prefix = member(filter_, "prefix") if is_set(filter_) else member(rule, "prefix")
    return _map(
        rule.origin,
        status=status if is_set(status) else _status(member(rule, "enabled")),
        prefix=prefix,
        expiration_in_days=member(member(rule, "expiration"), "days"),
        noncurrent_version_expiration_in_days=ABSENT
        if is_set(kept)
        else days
        if is_set(days)
        else member(versions, "days"),
        tag_filters=next((value for name in narrowing if is_set(value := member(filter_, name))), member(rule, "tags")),
    )


def _inline(rules: Value, group: Made) -> Value:
    """The rules inside of a group, one for each peer. Without any, nothing gets in or out."""
    if isinstance(rules, Unresolved):
        return rules
    found = [each for rule in as_list(rules) for each in _by_peer(partial(member, rule), rule, group.address)]
    return Known(tuple(found), group.location)


def _by_peer(get: Callable[[str], Value], rule: Value, group: str) -> Iterator[Value]:
    if not isinstance(rule, Known):
        yield rule
        return
    protocol = get("protocol") if is_set(get("protocol")) else get("ip_protocol")
    if isinstance(protocol, Known) and protocol.value == "all":
        protocol = Known("-1", protocol.origin)
    ports = {"ip_protocol": protocol, "from_port": get("from_port"), "to_port": get("to_port")}
    itself = get("self")
    peers: list[tuple[str, Value]] = [("cidr_ip", cidr) for name in _CIDRS for cidr in as_list(get(name))]
    peers += [("source_security_group_id", peer) for name in _GROUPS for peer in as_list(get(name))]
    if isinstance(itself, Known) and itself.value is True:
        peers.append(("source_security_group_id", Unresolved("self", "it is the group", rule.origin, group)))
    elif is_set(itself) and not isinstance(itself, Known):
        yield itself
    for name, peer in peers or [("cidr_ip", ABSENT)]:
        yield _map(rule.origin, **ports, **{name: peer})


def _rule(rule: Made) -> Iterator[Declared]:
    way, target = _RULES[rule.kind], rule.given.get("security_group_id")
    kind = rule.given.get("type")
    way = way or (str(kind.value) if isinstance(kind, Known) else "")
    group = target.resource if isinstance(target, Unresolved) else ""
    whole = Known(dict(rule.given.named), rule.location)
    for each in _by_peer(rule.given.get, whole, group):
        known = isinstance(each, Known) and way in ("ingress", "egress")
        members = each.value if isinstance(each, Known) and isinstance(each.value, dict) else {}
        properties = {"group_id": target, **members}
        type_ = f"AWS::EC2::SecurityGroup{(way if known else 'ingress').capitalize()}"
        yield Declared(type_, rule.address, rule.location, properties, rule.block if known else f"{rule.block}?")


def _role(role: Made, attachments: Iterable[Made]) -> Declared:
    name = role.given.get("name")
    inline = [
        _map(each.origin, policy_document=member(each, "policy")) for each in as_list(role.given.get("inline_policies"))
    ]
    arns = [*as_list(role.given.get("managed_policy_arns"))]
    named = [each.given for each in attachments if _leads(each.given.get("role"), role.address, name)]
    attached = [arn for given in named for arn in as_list(given.get("policy_arn"))]
    arns += [arn for arn in attached if not (isinstance(arn, Unresolved) and arn.resource)]
    at = role.location
    properties = {
        "role_name": name,
        "assume_role_policy_document": role.given.get("assume_role_policy"),
        "policies": Known(tuple(inline), at) if inline else ABSENT,
        "managed_policy_arns": Known(tuple(arns), at) if arns else ABSENT,
    }
    return _as(role, "AWS::IAM::Role", properties)


def _attachment(attachment: Made, made: Sequence[Made]) -> Declared:
    """An attachment as the policy that it gives the role; an empty one for a policy that is only known by its ARN."""
    arn = attachment.given.get("policy_arn")
    leads_to = arn.resource if isinstance(arn, Unresolved) else ""
    document: Value = _map(attachment.location, Statement=Known((), attachment.location))
    if leads_to:
        policies = [each.given.get("policy") for each in made if each.address == leads_to and each.kind == "iam.Policy"]
        document = policies[0] if policies else Unresolved("", "the policy is not known", attachment.location)
    return _as(
        attachment, "AWS::IAM::RolePolicy", {"role_name": attachment.given.get("role"), "policy_document": document}
    )
