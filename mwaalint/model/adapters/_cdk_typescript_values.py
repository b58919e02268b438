"""What an expression of a CDK app in TypeScript comes to, where it makes or names constructs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import Call, Import, Member
from mwaalint.model.adapters._cdk_constructs import VPCS
from mwaalint.model.adapters._cdk_vocabulary import (
    cdk_name,
    constant,
    helper,
    is_helper,
    is_of_subnets,
    selected_group,
    subnet_group,
)
from mwaalint.model.adapters._given import ITSELF, TAKEN, Given
from mwaalint.model.adapters._typescript_modules import namespace
from mwaalint.model.adapters._typescript_sites import Site, Target
from mwaalint.model.adapters._typescript_values import TypeScriptValues
from mwaalint.model.values import ABSENT, Absent, Known, Unresolved, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_IDENTIFYING = regex(
    r"(attr)?((bucket|role|policy|managedPolicy|key|securityGroup|logGroup|group|vpc|routeTable)?(arn|id|name)|ref)",
    re.IGNORECASE,
)
# Helper classes that take an object of named arguments, as constructs do.
_NAMED = frozenset({"ec2.Port", "iam.PolicyDocument", "iam.PolicyStatement", "s3.BlockPublicAccess"})
_SAME_ITEMS = frozenset({"map", "slice", "filter"})


@dataclass(eq=False)
class CdkScriptValues(TypeScriptValues):
    """Evaluates expressions of CDK apps: a construct, and what names it, leads to its address."""

    addresses: dict[int, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def construct(self, site: Site) -> str:
        """The address of the construct that an expression is; "" for anything else, such as its ARN."""
        match self.targets(site):
            case [Site(node=Call() as call)]:
                return self.addresses.get(id(call), "")
            case _:
                return ""

    def given(self, site: Site, named_at: int) -> Given:
        """The arguments of a call, whose named ones are the members of the one at a position."""
        assert isinstance(site.node, Call)
        positional = tuple(self.value(site.to(each)) for each in site.node.arguments)
        named = positional[named_at] if 0 <= named_at < len(positional) else ABSENT
        if isinstance(named, Known) and isinstance(named.value, dict):
            return Given(positional, named.value)
        return Given(positional, {}, ABSENT if isinstance(named, Absent) else site.missing("what it says is not known"))

    def content(self, target: Target) -> Value:
        if not isinstance(target, Site):
            return target
        match target.node:
            case Import(module=module, name=name):
                found = constant(cdk_name(namespace(module, name)), target.at())
                return found if found is not None else super().content(target)
            case Call(function=function) as call if id(call) not in self.addresses:
                name = cdk_name(self.qualified(target.to(function)))
                if not is_helper(name):
                    return super().content(target)
                given = self.given(target, 0 if name in _NAMED else -1)
                return helper(name, given, target.at()) or target.missing(TAKEN)
            case Call() as call:
                return replace(target.missing(ITSELF), resource=self.addresses[id(call)])
            case _:
                return super().content(target)

    def member(self, target: Target, name: str, site: Site, *, optional: bool = True) -> Iterable[Target]:
        if isinstance(target, Unresolved) and is_of_subnets(target.resource):
            return [replace(target, resource=f"{target.resource}[{name}]") if name.isdecimal() else target]
        address = self.addresses.get(id(target.node), "") if isinstance(target, Site) else ""
        if not address:
            return super().member(target, name, site, optional=optional)
        if name in ("node", "defaultChild"):
            return [target]
        group = subnet_group(name)
        if group and self.kinds[address] in VPCS:
            return [replace(site.missing(TAKEN), resource=f"{address}.{group}")]
        named = _IDENTIFYING.fullmatch(name)
        return [replace(site.missing(TAKEN), resource=address if named else "")]

    def _call(self, call: Call, site: Site) -> Iterable[Target]:
        match call:
            case Call(new=False, function=Member(base=base, name="selectSubnets")):
                address = self.construct(site.to(base))
                group = selected_group(self.given(site, -1))
                if group and self.kinds.get(address) in VPCS:
                    return [replace(site.missing(TAKEN), resource=f"{address}.{group}")]
            case Call(new=False, function=Member(base=base, name=method)) if method in _SAME_ITEMS:
                match self.targets(site.to(base)):
                    case [Unresolved(resource=resource) as found] if is_of_subnets(resource):
                        return [found]
                    case _:
                        pass
            case _:
                pass
        return super()._call(call, site)
