"""What the helper classes and constants of the CDK stand for: statements, principals, ports, peers, durations.

Names are those of the CDK without their package, methods in snake_case ("ec2.Port.all_traffic"), in every language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.model.adapters._policy_documents import as_list
from mwaalint.model.adapters._properties import snake_case
from mwaalint.model.adapters._template_properties import mapped, member
from mwaalint.model.values import ABSENT, Known, Unresolved, Value, is_set
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mwaalint.findings import Location
    from mwaalint.model.adapters._given import Given

_QUALIFIED = regex(
    r"(?:aws_cdk|aws-cdk-lib|@aws-cdk)[./](?:(?:aws[-_](?P<service>ec2|iam|kms|logs|mwaa|s3))|core)?[./]?(?P<name>[\w.]+)"
)
_STATEMENT = {
    "sid": "Sid",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
    "conditions": "Condition",
}
_PRINCIPALS = {
    "iam.ServicePrincipal": "Service",
    "iam.AccountPrincipal": "AWS",
    "iam.ArnPrincipal": "AWS",
    "iam.FederatedPrincipal": "Federated",
    "iam.WebIdentityPrincipal": "Federated",
}
_PEERS = {
    "ipv4": "cidr_ip",
    "ipv6": "cidr_ipv6",
    "security_group_id": "source_security_group_id",
    "prefix_list": "source_prefix_list_id",
}
_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_ACLS = ("block_public_acls", "ignore_public_acls")
_RETENTION = {
    "ONE_DAY": 1,
    "THREE_DAYS": 3,
    "FIVE_DAYS": 5,
    "ONE_WEEK": 7,
    "TWO_WEEKS": 14,
    "ONE_MONTH": 30,
    "TWO_MONTHS": 60,
    "THREE_MONTHS": 90,
    "FOUR_MONTHS": 120,
    "FIVE_MONTHS": 150,
    "SIX_MONTHS": 180,
    "ONE_YEAR": 365,
    "THIRTEEN_MONTHS": 400,
    "EIGHTEEN_MONTHS": 545,
    "TWO_YEARS": 731,
    "THREE_YEARS": 1096,
    "FIVE_YEARS": 1827,
    "SIX_YEARS": 2192,
    "SEVEN_YEARS": 2557,
    "EIGHT_YEARS": 2922,
    "NINE_YEARS": 3288,
    "TEN_YEARS": 3653,
}


def cdk_name(qualified: str) -> str:
    """``iam.Role.from_role_arn`` of the name as it is imported; "" for what is not of the CDK."""
    found = _QUALIFIED.fullmatch(qualified)
    if found is None:
        return ""
    parts = [part if part[:1].isupper() else snake_case(part) for part in found["name"].split(".")]
    return ".".join([*([found["service"]] if found["service"] else []), *parts])


def constant(name: str, at: Location) -> Value | None:
    """What a constant stands for; None for any other name."""
    owner, _, last = name.rpartition(".")
    match owner:
        case "s3.BlockPublicAccess" if last.startswith("BLOCK_"):
            return _blocking(dict.fromkeys(_BLOCKS if last == "BLOCK_ALL" else _ACLS, Known(True, at)), at)
        case "logs.RetentionDays":
            return Known(_RETENTION[last], at) if last in _RETENTION else ABSENT
        case "iam.Effect" if last in ("ALLOW", "DENY"):
            return Known(last.capitalize(), at)
        case "ec2.SubnetType" | "s3.BucketEncryption":
            return Known(last, at)
        case "ec2.Protocol":
            return Known("-1" if last == "ALL" else last.lower(), at)
        case _:
            return None


def is_helper(name: str) -> bool:
    """Whether a name is a helper class, or one of its functions."""
    return name in HELPERS or name in _PRINCIPALS or name.startswith(("ec2.Peer.", "ec2.Port."))


def helper(name: str, given: Given, at: Location) -> Value | None:
    """What a call of a helper class or function stands for; None for any other name."""
    owner, _, last = name.rpartition(".")
    if name in _PRINCIPALS:
        return Known({_PRINCIPALS[name]: Known((given.get("service", 0),), at)}, at)
    if owner == "ec2.Peer":
        return _peer(last, given, at)
    if owner == "ec2.Port":
        return _port(last, given, at)
    return HELPERS[name](given, at) if name in HELPERS else None


def _statement(given: Given, at: Location) -> Value:
    members = {key: given.get(name) for name, key in _STATEMENT.items()}
    effect = given.get("effect")
    members["Effect"] = effect if is_set(effect) else Known("Allow", at)
    members["Principal"] = _together(as_list(given.get("principals")), at)
    return Known({key: value for key, value in members.items() if is_set(value)}, at)


def _together(principals: tuple[Value, ...], at: Location) -> Value:
    """Several principals as one map of types to identifiers; unresolved where one of them is not known."""
    kinds: dict[str, tuple[Value, ...]] = {}
    for each in principals:
        if not (isinstance(each, Known) and isinstance(each.value, dict)):
            return Unresolved("", "one of the principals is not known", at)
        for kind, identifiers in each.value.items():
            kinds[kind] = (*kinds.get(kind, ()), *as_list(identifiers))
    return Known({kind: Known(found, at) for kind, found in kinds.items()}, at) if kinds else ABSENT


def _peer(last: str, given: Given, at: Location) -> Value | None:
    if last in ("any_ipv4", "any_ipv6"):
        cidr = "0.0.0.0/0" if last == "any_ipv4" else "::/0"
        return Known({_PEERS[last.removeprefix("any_")]: Known(cidr, at)}, at)
    return Known({_PEERS[last]: given.get("", 0)}, at) if last in _PEERS else None


def _port(last: str, given: Given, at: Location) -> Value | None:
    protocol, _, kind = last.partition("_")
    if last == "all_traffic":
        return Known({"ip_protocol": Known("-1", at)}, at)
    if last in ("all_tcp", "all_udp"):
        ends: tuple[Value, Value] = (Known(0, at), Known(65535, at))
        return _range(kind, ends, at)
    if protocol in ("tcp", "udp") and kind in ("", "range"):
        first = given.get("port", 0) if not kind else given.get("start_port", 0)
        return _range(protocol, (first, given.get("end_port", 1) if kind else first), at)
    return None


def _range(protocol: str, ends: tuple[Value, Value], at: Location) -> Known:
    return Known({"ip_protocol": Known(protocol, at), "from_port": ends[0], "to_port": ends[1]}, at)


def _written_port(given: Given, at: Location) -> Value:
    members = {name: given.get(name) for name in ("from_port", "to_port")}
    return Known({"ip_protocol": given.get("protocol"), **members}, at)


def _flags(given: Given, at: Location) -> Value:
    return _blocking({name: given.get(name) for name in _BLOCKS}, at)


def _blocking(flags: Mapping[str, Value], at: Location) -> Known:
    """A block of public access. A feature flag of the app decides about those that it does not name."""
    decided_elsewhere = Unresolved("", "a feature flag of the app decides it", at)
    return Known({name: flags[name] if is_set(flags.get(name, ABSENT)) else decided_elsewhere for name in _BLOCKS}, at)


def _lifecycle_rule(given: Given, at: Location) -> Value:
    return Known({**given.named}, at)


def _aws_managed(given: Given, _: Location) -> Value:
    return mapped(given.get("managed_policy_name", 0), lambda name: f"arn:aws:iam::aws:policy/{name}")


HELPERS: Mapping[str, Callable[[Given, Location], Value]] = {
    "iam.PolicyStatement": _statement,
    "iam.PolicyStatement.from_json": lambda given, _: given.get("obj", 0),
    "iam.PolicyDocument": lambda given, at: Known({"Statement": given.get("statements")}, at),
    "iam.PolicyDocument.from_json": lambda given, _: given.get("obj", 0),
    "iam.CompositePrincipal": lambda given, at: _together(given.positional, at),
    "iam.AccountRootPrincipal": lambda _, at: Known({"AWS": Known("root", at)}, at),
    "iam.AnyPrincipal": lambda _, at: Known({"AWS": Known("*", at)}, at),
    "iam.StarPrincipal": lambda _, at: Known("*", at),
    "iam.ManagedPolicy.from_aws_managed_policy_name": _aws_managed,
    "iam.ManagedPolicy.from_managed_policy_arn": lambda given, _: given.get("managed_policy_arn", 2),
    "s3.BlockPublicAccess": _flags,
    "s3.LifecycleRule": _lifecycle_rule,
    "ec2.Port": _written_port,
    "ec2.SubnetSelection": lambda given, at: Known({**given.named}, at),
    "ec2.SubnetConfiguration": lambda given, at: Known({**given.named}, at),
    "Duration.days": lambda given, _: given.get("amount", 0),
}


def subnet_group(member_: str) -> str:
    """``public_subnets`` of a member of a VPC in any language; "" for any other member."""
    name = snake_case(member_)
    return name if name in ("public_subnets", "private_subnets", "isolated_subnets") else ""


def is_of_subnets(address: str) -> bool:
    """Whether an address is that of a VPC's subnets, or of one of them."""
    return address.partition("[")[0].endswith("_subnets")


def selected_group(selection: Given) -> str:
    """The subnets that a selection by type takes; "" where it does not say."""
    kind = selection.get("subnet_type")
    if not is_set(kind) and selection.positional:
        kind = member(selection.positional[0], "subnet_type")
    name = str(kind.value) if isinstance(kind, Known) else ""
    for prefix, group in (
        ("PUBLIC", "public_subnets"),
        ("PRIVATE_ISOLATED", "isolated_subnets"),
        ("PRIVATE", "private_subnets"),
    ):
        if name.startswith(prefix):
            return group
    return "isolated_subnets" if name == "ISOLATED" else ""
