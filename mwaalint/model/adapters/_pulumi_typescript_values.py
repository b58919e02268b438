"""What an expression of a Pulumi program in TypeScript comes to, where it makes or names resources."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import Call
from mwaalint.model.adapters._given import ITSELF, TAKEN, Given
from mwaalint.model.adapters._pulumi_resources import NAMING, Made, document_of, pulumi_kind
from mwaalint.model.adapters._typescript_sites import Site, Target
from mwaalint.model.adapters._typescript_values import TypeScriptValues
from mwaalint.model.values import ABSENT, Absent, Known, Value
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.documents.typescript_syntax import Script

_TO_JSON = frozenset({".JSON.stringify", "@pulumi/pulumi.jsonStringify"})
_DOCUMENT = regex(r"@pulumi/aws[./]iam\.getPolicyDocument(Output)?")


@dataclass(eq=False)
class PulumiScriptValues(TypeScriptValues):
    """Evaluates expressions as one stack's run would: a resource, and what names it, leads to its address."""

    addresses: dict[int, str] = field(default_factory=dict)

    def resources(self, scripts: Iterable[Script]) -> list[Made]:
        """The resources that scripts make."""
        found: list[tuple[str, Site]] = []
        for script in scripts:
            for call, scope in script.calls:
                site = Site(call, scope, script, "")
                if call.new and (kind := pulumi_kind(self.qualified(site.to(call.function)))):
                    self._address(kind, call, site)
                    found.append((kind, site))
        return [self._made(kind, site) for kind, site in found]

    def _address(self, kind: str, call: Call, site: Site) -> None:
        name = self.value(site.to(call.arguments[0])) if call.arguments else ABSENT
        address = f"aws.{kind}.{name.value}" if isinstance(name, Known) else f"aws.{kind}"
        taken = address in self.addresses.values()
        self.addresses[id(call)] = f"{address} ({site.script.file.path}, {call.span.start})" if taken else address

    def _made(self, kind: str, site: Site) -> Made:
        assert isinstance(site.node, Call)
        address = self.addresses[id(site.node)]
        named = replace(site, symbol=address)
        place = named.at(site.node.callee)
        block = next((f"{each.kind}:{id(each)}" for each in site.scope.chain() if each.kind.endswith("_statement")), "")
        return Made(kind, address, place, self._given(named, 1), block)

    def _given(self, site: Site, position: int) -> Given:
        assert isinstance(site.node, Call)
        arguments = site.node.arguments
        value = self.value(site.to(arguments[position])) if position < len(arguments) else ABSENT
        if isinstance(value, Known) and isinstance(value.value, dict):
            return Given((), value.value)
        return Given((), {}, ABSENT if isinstance(value, Absent) else site.missing("what it says is not known"))

    def content(self, target: Target) -> Value:
        match target:
            case Site(node=Call() as call) if id(call) in self.addresses:
                return replace(target.missing(ITSELF), resource=self.addresses[id(call)])
            case Site(node=Call(new=False, function=function, arguments=[argument, *_])):
                if self.qualified(target.to(function)) in _TO_JSON:
                    return self.value(target.to(argument))
                return super().content(target)
            case _:
                return super().content(target)

    def member(self, target: Target, name: str, site: Site, *, optional: bool = True) -> Iterable[Target]:
        match target:
            case Site(node=Call() as call) if id(call) in self.addresses:
                named = name in NAMING
                return [replace(site.missing(TAKEN), resource=self.addresses[id(call)] if named else "")]
            case Site(node=Call(new=False, function=function)) if name == "json":
                if _DOCUMENT.fullmatch(self.qualified(target.to(function))):
                    return [document_of(self._given(target, 0), target.at())]
                return super().member(target, name, site, optional=optional)
            case _:
                return super().member(target, name, site, optional=optional)
