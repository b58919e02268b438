"""The constructs of a CDK app in TypeScript, and what the program does with each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import (
    Call,
    Class,
    Expression,
    Function,
    ListOf,
    Member,
    Name,
    ObjectOf,
    Spread,
    This,
)
from mwaalint.model.adapters._cdk_constructs import (
    CHANGED_BY_OTHERS,
    CONSTRUCTS,
    ENVIRONMENT,
    FOLLOWED_METHODS,
    HARMLESS_METHODS,
    PARTS,
    Construct,
    Use,
    reads_only,
)
from mwaalint.model.adapters._cdk_grants import EXTENDING, IMPORTED_ROLE, grant, role_named
from mwaalint.model.adapters._cdk_vocabulary import cdk_name
from mwaalint.model.adapters._given import Given
from mwaalint.model.adapters._properties import snake_case
from mwaalint.model.adapters._typescript_sites import Site
from mwaalint.model.values import ABSENT, Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mwaalint.documents.typescript_syntax import Bound, Scope, Script
    from mwaalint.findings import Location
    from mwaalint.model.adapters._cdk_typescript_values import CdkScriptValues
    from mwaalint.model.values import Value

_HARMLESS = frozenset({"Tags.of", "Aspects.of", "CfnOutput"})
_DECIDING = frozenset(
    {
        "catch_clause",
        "do_statement",
        "else_clause",
        "for_in_statement",
        "for_statement",
        "if_statement",
        "switch_case",
        "switch_statement",
        "try_statement",
        "while_statement",
    }
)


def find_constructs(scripts: Iterable[Script], values: CdkScriptValues) -> list[Site]:
    """Tells ``values`` the address of each construct that the scripts make, one of its own, and returns the calls."""
    sites = [Site(call, scope, script, "") for script in scripts for call, scope in script.calls]
    kinds = [(_kind(site, values), site) for site in sites]
    found: list[Site] = []
    for kind, site in kinds:
        if kind not in CONSTRUCTS:
            continue
        assert isinstance(site.node, Call)
        identifier = values.value(site.to(site.node.arguments[1])) if len(site.node.arguments) > 1 else ABSENT
        name = f"{kind}.{identifier.value}" if isinstance(identifier, Known) else kind
        address = name if name not in values.kinds else f"{name} ({site.script.file.path}, {site.node.span.start})"
        values.addresses[id(site.node)] = address
        values.kinds[address] = kind
        found.append(Site(site.node, site.scope, site.script, address))
    return found


def construct(site: Site, values: CdkScriptValues) -> Construct:
    """What a call makes, with its arguments."""
    assert isinstance(site.node, Call)
    address, owner = values.addresses[id(site.node)], site.scope.this()
    kind = values.kinds[address]
    given = Given() if kind == ENVIRONMENT else values.given(site, 2)
    home = f"{site.script.file.path}:{owner.name if owner else ''}"
    return Construct(kind, address, site.at(site.node.callee), given, _block(site.scope), home)


def _kind(site: Site, values: CdkScriptValues) -> str:
    assert isinstance(site.node, Call)
    name = cdk_name(values.qualified(site.to(site.node.function)))
    return name if site.node.new or name.rpartition(".")[2].startswith("from_") else ""


def _bound(site: Site) -> Sequence[Bound]:
    """What a name is declared as."""
    home = site.scope.declaring(site.node.name) if isinstance(site.node, Name) else None
    return home.names[site.node.name] if home is not None and isinstance(site.node, Name) else ()


@dataclass(eq=False)
class Uses:
    """What the scripts do with the constructs: the calls of their methods, and those that get out of sight."""

    values: CdkScriptValues
    found: list[Use] = field(default_factory=list)
    escaped: set[str] = field(default_factory=set)
    imported: list[Value] = field(default_factory=list)

    def read(self, script: Script) -> None:
        """Looks at every call and assignment of a script."""
        for call, scope in script.calls:
            site = Site(call, scope, script, "")
            self._method(call, site)
            self._arguments(call, site)
            self._extended(call, site)
        for each in script.assignments:
            match each.target:
                case Member(base=base) if not isinstance(base, This):
                    self.escaped.update(self._behind(Site(base, each.scope, script, "")))
                case _:
                    pass
            if each.value is not None and not isinstance(each.target, Name) and not _is_field(each.target):
                self.escaped.update(address for _, address in self._named(Site(each.value, each.scope, script, "")))
        self.escaped.discard("")

    def _behind(self, site: Site) -> Iterator[str]:
        """The constructs behind a name whose members are assigned to."""
        for bound in _bound(site):
            if bound.value is not None:
                yield self.values.construct(Site(bound.value, bound.scope, site.script, ""))

    def _kept(self, site: Site) -> Iterator[str]:
        """The constructs of which a name is a part."""
        for bound in _bound(site):
            if isinstance(bound.value, Member) and snake_case(bound.value.name) in PARTS:
                yield self.values.construct(Site(bound.value.base, bound.scope, site.script, ""))

    def _method(self, call: Call, site: Site) -> None:
        match call.function:
            case Member(base=Member(base=base, name=part), name=name) if not call.new and snake_case(part) in PARTS:
                method = f"{snake_case(part)}.{snake_case(name)}"
            case Member(base=base, name=name) if not call.new:
                method = snake_case(name)
            case _:
                return
        if isinstance(base, ListOf):
            self.escaped.update(address for _, address in self._named(site.to(base)))
        self.escaped.update(self._kept(site.to(base)))
        address = self.values.construct(site.to(base))
        if not address or method.startswith(("grant", "metric")) or method in HARMLESS_METHODS:
            return
        given = self.values.given(site, 0 if method == "add_lifecycle_rule" else -1)
        self.found.append(Use(method, address, given, site.at(), _block(site.scope)))
        if self.values.kinds[address] == "s3.Bucket" and "override" in method:
            self.escaped.add(address)

    def _arguments(self, call: Call, site: Site) -> None:
        granting = isinstance(call.function, Member) and call.function.name.startswith("grant")
        followed: bool | None = None
        for argument in call.arguments:
            self.escaped.update(self._kept(site.to(argument)))
            for inner, address in self._named(site.to(argument)):
                if self.values.kinds[address] not in CHANGED_BY_OTHERS:
                    continue
                if granting:
                    given = self._granted(call.function, site, inner.at())
                    self.found.append(Use("granted", address, given, inner.at(), _block(site.scope)))
                    continue
                followed = self._is_followed(call, site) if followed is None else followed
                if not followed:
                    self.escaped.add(address)

    def _extended(self, call: Call, site: Site) -> None:
        """What is done for a role of another stack."""
        match call.function:
            case Member(name=name) if name.startswith("grant"):
                among = list(call.arguments)
            case Member(base=base, name=name) if snake_case(name) in EXTENDING:
                among = [base]
            case _:
                return
        for each in among:
            for made in self.values.targets(site.to(each)):
                if isinstance(made, Site) and isinstance(made.node, Call) and self._is_imported_role(made):
                    self.imported.append(role_named(self.values.given(made, -1)))

    def _is_imported_role(self, made: Site) -> bool:
        return _kind(made, self.values).startswith(IMPORTED_ROLE)

    def _granted(self, method: Expression, site: Site, at: Location) -> Given:
        made = self.values.targets(site.to(method.base)) if isinstance(method, Member) else []
        match method, made:
            case Member(name=name), [Site(node=Call() as call) as bucket]:
                return grant(snake_case(name), _kind(bucket, self.values), self.values.addresses.get(id(call), ""), at)
            case _:
                return Given()

    def _named(self, site: Site) -> Iterator[tuple[Site, str]]:
        """The constructs that an expression names, also inside of lists and objects that it writes out."""
        match site.node:
            case ListOf(items=items):
                for item in items:
                    yield from self._named(site.to(item))
            case ObjectOf(members=members):
                for each in members:
                    yield from self._named(site.to(each.value))
            case Spread(value=value):
                yield from self._named(site.to(value))
            case Name() | Member():
                if address := self.values.construct(site):
                    yield site, address
                elif isinstance(site.node, Member) and not reads_only(snake_case(site.node.name)):
                    # Something of a construct that is not known may give access to all of it.
                    address = self.values.construct(site.to(site.node.base))
                    yield from [(site, address)] if address else ()
            case _:
                pass

    def _is_followed(self, call: Call, site: Site) -> bool:
        name = cdk_name(self.values.qualified(site.to(call.function)))
        if name in CONSTRUCTS or name.startswith("iam.") or name in _HARMLESS:
            return True
        method = snake_case(call.function.name) if isinstance(call.function, Member) else ""
        if method in FOLLOWED_METHODS or _root(call.function) == "NagSuppressions":
            return True
        match self.values.targets(site.to(call.function)):
            case [Site(node=Function() | Class() as followed) as home]:
                callers = self.values.callers.calls(followed, home.script)
                return callers is not None and len(callers) == 1
            case _:
                return False


def _root(member: Expression) -> str:
    while isinstance(member, Member):
        member = member.base
    return member.name if isinstance(member, Name) else ""


def _is_field(target: Expression) -> bool:
    return isinstance(target, Member) and isinstance(target.base, This)


def _block(scope: Scope) -> str:
    """The statement in its function that decides whether what stands in a scope is run; "" where none does."""
    for each in scope.chain():
        if each.function is not None or each.owner is not None:
            return ""
        if each.kind in _DECIDING:
            return f"{each.kind}:{id(each)}"
    return ""
