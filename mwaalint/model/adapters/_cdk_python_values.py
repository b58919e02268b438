"""What an expression of a CDK app in Python comes to, where it makes or names constructs."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.cached import cached_property
from mwaalint.model.adapters._cdk_constructs import VPCS
from mwaalint.model.adapters._cdk_vocabulary import (
    cdk_name,
    constant,
    helper,
    is_helper,
    selected_group,
    subnet_group,
)
from mwaalint.model.adapters._given import ITSELF, TAKEN, Given
from mwaalint.model.adapters._python_objects import Origins
from mwaalint.model.adapters._python_values import PythonValues, Site
from mwaalint.model.values import ABSENT, Known, Unresolved, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from mwaalint.model.adapters._python_modules import Module

_IDENTIFYING = regex(
    r"(attr_)?((bucket|role|policy|managed_policy|key|security_group|log_group|group|vpc|route_table)_)?(arn|id|name)|ref"
)


@dataclass(eq=False)
class CdkValues(PythonValues):
    """Evaluates expressions of CDK apps: a construct, and what names it, leads to its address."""

    addresses: dict[ast.Call, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    @cached_property
    def origins(self) -> Origins:
        """Where the objects of the program come from."""
        return Origins(self.modules)

    def given(self, call: ast.Call, site: Site) -> Given:
        """The arguments of a call."""
        named = {each.arg: self.value(site.to(each.value, f".{each.arg}")) for each in call.keywords if each.arg}
        rest: Value = ABSENT
        for each in call.keywords:
            if each.arg is None:
                spread = self.value(site.to(each.value))
                if isinstance(spread, Known) and isinstance(spread.value, dict):
                    named = {**spread.value, **named}
                else:
                    rest = site.missing("it may be among what is spread here")
        starred = any(isinstance(each, ast.Starred) for each in call.args)
        positional = () if starred else tuple(self.value(site.to(each)) for each in call.args)
        return Given(positional, named, site.missing("it may be among what is spread here") if starred else rest)

    def construct(self, node: ast.expr, module: Module) -> str:
        """The address of the construct that an expression is; "" for anything else, such as its ARN."""
        made, _ = self.origins.of(node, module)
        return self.addresses.get(made, "") if isinstance(made, ast.Call) else ""

    def _value(self, site: Site) -> Value:
        match site.node:
            case ast.ListComp(elt=ast.Attribute(value=ast.Name(id=name), attr="subnet_id"), generators=[each]) if (
                isinstance(each.target, ast.Name) and each.target.id == name and not each.ifs
            ):
                return self.value(site.to(each.iter))
            case ast.Subscript(slice=ast.Constant(value=int() as index)):
                found = super()._value(site)
                if isinstance(found, Unresolved) and found.resource.endswith("_subnets"):
                    return replace(found, resource=f"{found.resource}[{index}]")
                return found
            case _:
                return super()._value(site)

    def _call(self, call: ast.Call, site: Site) -> Value:
        module = site.module
        if call in self.addresses:
            return replace(site.missing(ITSELF), resource=self.addresses[call])
        name = cdk_name(module.dotted(call.func))
        if is_helper(name):
            return helper(name, self.given(call, site), module.at(call, site.symbol)) or site.missing(TAKEN)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "select_subnets":
            return self._subnets(call.func.value, selected_group(self.given(call, site)), site)
        address = self.construct(call, module)
        return replace(site.missing(ITSELF), resource=address) if address else super()._call(call, site)

    def _attribute(self, node: ast.Attribute, site: Site) -> Value:
        module = site.module
        if (found := constant(cdk_name(module.dotted(node)), module.at(node, site.symbol))) is not None:
            return found
        if group := subnet_group(node.attr):
            return self._subnets(node.value, group, site)
        if address := self.construct(node, module):
            return replace(site.missing(ITSELF), resource=address)
        if address := self._named_by(node, site):
            return replace(site.missing(TAKEN), resource=address)
        owner = self.origins.instance(node.value, module)
        return self._class_attribute(owner[0], node.attr, owner[1], site) if owner else super()._attribute(node, site)

    def _named_by(self, node: ast.Attribute, site: Site) -> str:
        """The address of the construct, or subnets, that an attribute such as an ARN names."""
        match node:
            case ast.Attribute(attr="subnet_id" | "subnet_ids" | "subnets"):
                found = self.value(site.to(node.value))
                return found.resource if isinstance(found, Unresolved) else ""
            case ast.Attribute(value=ast.Attribute(value=construct, attr="node"), attr="default_child"):
                return self.construct(construct, site.module)
            case _ if _IDENTIFYING.fullmatch(node.attr):
                return self.construct(node.value, site.module)
            case _:
                return ""

    def _subnets(self, vpc: ast.expr, group: str, site: Site) -> Value:
        address = self.construct(vpc, site.module)
        missing = site.missing(TAKEN)
        return replace(missing, resource=f"{address}.{group}") if group and self.kinds.get(address) in VPCS else missing
