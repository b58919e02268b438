"""What a TypeScript expression comes to without running it: literals, constants, defaults, what callers pass."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from mwaalint.cached import cached_property
from mwaalint.documents.typescript_syntax import (
    AT_RUN_TIME,
    Binary,
    Bound,
    Call,
    Class,
    Conditional,
    Expression,
    Function,
    Import,
    Index,
    ListOf,
    Literal,
    Member,
    Name,
    ObjectOf,
    Opaque,
    Parameter,
    Property,
    Scope,
    Spread,
    This,
)
from mwaalint.model.adapters import _typescript_calls as of_libraries
from mwaalint.model.adapters import _typescript_operations as operations
from mwaalint.model.adapters._options import MAX_OPTIONS, either
from mwaalint.model.adapters._typescript_callers import Callers
from mwaalint.model.adapters._typescript_modules import branches, joined, namespace
from mwaalint.model.adapters._typescript_sites import UNDECIDED, Site, Target
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value, possible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mwaalint.model.adapters._cdk_settings import Settings
    from mwaalint.model.adapters._pulumi_stacks import Stack
    from mwaalint.model.adapters._typescript_modules import Scripts

MAX_VISITS = 5_000
MAX_DEPTH = 80

_TRUE = (ObjectOf, ListOf, Class, Function)


@dataclass(eq=False)
class TypeScriptValues:
    """Evaluates expressions."""

    scripts: Scripts
    settings: Settings
    stack: Stack | None = None
    _visits: int = 0
    _depth: int = 0

    @cached_property
    def callers(self) -> Callers:
        """Who calls what."""
        return Callers(self.scripts, self.targets)

    def value(self, site: Site) -> Value:
        """What an expression comes to."""
        with self._step():
            return self.either(self.targets(site), site)

    def either(self, targets: Sequence[Target], site: Site) -> Value:
        """The value of one of several targets."""
        return either([self.content(target) for target in targets], site.missing)

    def qualified(self, site: Site) -> str:
        """The name of what an expression imports, as "module.name"; "" for anything else."""
        match self.targets(site):
            case [Site(node=Import(module=module, name=name))]:
                return namespace(module, name)
            case _:
                return ""

    def targets(self, site: Site) -> list[Target]:
        """What an expression may stand for, each time it is deployed."""
        if self._visits > MAX_VISITS or self._depth > MAX_DEPTH:
            return [site.missing("it is too large to follow")]
        with self._step():
            found = list(islice(self._targets(site), MAX_OPTIONS + 1))
        return found if len(found) <= MAX_OPTIONS else [site.missing("it may have any of many values")]

    @contextmanager
    def _step(self) -> Iterator[None]:
        self._visits = self._visits + 1 if self._depth else 0
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def member(self, target: Target, name: str, site: Site, *, optional: bool = True) -> Iterable[Target]:
        """A member of what an expression stands for; absent where an object does not have it."""
        match target:
            case Site(node=ObjectOf(members=members)):
                return self._of_object(members, name, target, site)
            case Site(node=Import() as imported):
                return self._of_import(imported, name, target, site)
            case Site(node=Class() as owner):
                return self.field(owner, name, target)
            case Site(node=This()) if its_class := target.scope.this():
                return self.field(its_class, name, target)
            case Site(node=Call(new=True) as made):
                return self._of_instance(made, name, target, site)
            case Known(value=dict() as members):
                return [members.get(name, ABSENT)]
            case OneOf(options=options):
                return [each for option in options for each in self.member(option, name, site, optional=optional)]
            case Unresolved(reason=reason):
                return [site.missing(reason)]
            case Absent() if optional:
                return [ABSENT]
            case Site(node=Opaque(reason=reason)):
                return [site.missing(reason)]
            case _:
                return [site.missing(AT_RUN_TIME)]

    def _targets(self, site: Site) -> Iterable[Target]:
        match site.node:
            case Literal(value=None):
                return [ABSENT]
            case Name(name=name):
                return self._name(name, site)
            case Member(base=base, name=name, optional=optional):
                bases = self.targets(site.to(base))
                return (each for t in bases for each in self.member(t, name, site, optional=optional))
            case Index(base=base, key=key):
                return self._index(site.to(base), site.to(key), site)
            case Conditional(condition=condition, yes=yes, no=no):
                holds = operations.truth(self.value(site.to(condition)))
                arms = [yes, no] if holds is None else [yes if holds else no]
                return (each for arm in arms for each in self.targets(site.to(arm)))
            case Binary(operator="||" | "??" as operator, left=left, right=right):
                return self._default(operator, site.to(left), site.to(right), site)
            case Binary(operator="&&", left=left, right=right):
                holds = self._holds(self.targets(site.to(left)))
                found = self.targets(site.to(right)) if holds is not False else []
                return [*found, *([ABSENT] if not holds else [])]
            case Parameter() as parameter:
                return self._parameter(parameter, site)
            case Import() as imported:
                return self._imported(imported, site)
            case Call() as call:
                return self._call(call, site)
            case _:
                return [site]

    def content(self, target: Target) -> Value:
        """The value of something that is written, or the value itself."""
        return operations.computed(target.node, target, self) if isinstance(target, Site) else target

    def _of_object(self, members: Sequence[Property | Spread], name: str, holder: Site, site: Site) -> Iterable[Target]:
        """The last member of that name counts; what is spread after it may hide it."""
        for index in range(len(members) - 1, -1, -1):
            member = members[index]
            if isinstance(member, Spread):
                spread = holder.to(member.value)
                found = [each for t in self.targets(spread) for each in self.member(t, name, spread)]
                if all(isinstance(each, Absent) for each in found):
                    continue
                rest = self._of_object(members[:index], name, holder, site) if ABSENT in found else ()
                return [*(each for each in found if not isinstance(each, Absent)), *rest]
            key = self.value(holder.to(member.key))
            if not isinstance(key, Known):
                return [site.missing("one of its keys is not known")]
            if key.value == name:
                value = holder.to(member.value, f".{name}")
                getter = isinstance(member.value, Function) and member.value.getter
                return self._returned(member.value, value) if getter else self.targets(value)
        return [ABSENT]

    def _of_import(self, imported: Import, name: str, holder: Site, site: Site) -> Iterable[Target]:
        span = site.node.span if site.script is holder.script else imported.span
        if imported.name == "*" and self.scripts.path_of(imported.module, holder.script):
            return self.targets(holder.to(Import(imported.module, name, span)))
        return [holder.to(joined(imported, name, span))]

    def _of_instance(self, made: Call, name: str, instance: Site, site: Site) -> Iterable[Target]:
        """A field of an object that a class of the repository makes, or what the settings of another thing say."""
        match self.targets(instance.to(made.function)):
            case [Site(node=Class() as owner) as home]:
                return self.field(owner, name, home)
            case [Site(node=Import() as imported)]:
                return of_libraries.made(namespace(imported.module, imported.name), made, name, instance, self)
            case _:
                return [site.missing(AT_RUN_TIME)]

    def _index(self, base: Site, key: Site, site: Site) -> Iterable[Target]:
        names = [option.value for option in possible(self.value(key))]
        holders = self.targets(base)
        if not names:
            return [site.missing("which of its members is meant is not known")]
        return [each for t in holders for name in names for each in self._item(t, name, site)]

    def _item(self, holder: Target, key: object, site: Site) -> Iterable[Target]:
        match holder, key:
            case Site(node=ListOf(items=items)), int() if 0 <= key < len(items):
                before = items[: key + 1]
                spread = any(isinstance(item, Spread) for item in before)
                return [site.missing(AT_RUN_TIME)] if spread else self.targets(holder.to(items[key], f"[{key}]"))
            case Known(value=tuple() as elements), int() if 0 <= key < len(elements):
                return [elements[key]]
            case _, str() | int():
                return self.member(holder, str(key), site)
            case _:
                return [site.missing(AT_RUN_TIME)]

    def _name(self, name: str, site: Site) -> Iterable[Target]:
        home = site.scope.declaring(name)
        if home is None:
            return [site.to(Import("", name, site.node.span))]
        if (id(home), name) in self.scripts.changed(site.script):
            return [site.missing(f"{name} is changed after it is made")]
        later = [bound for bound in self.scripts.rebound(site.script, name) if bound.scope.declaring(name) is home]
        return self._bound(home.names[name], later, home, name, site)

    def _bound(
        self, declared: Sequence[Bound], later: Sequence[Bound], home: Scope, name: str, site: Site
    ) -> Iterable[Target]:
        """What a name or field is declared with, or given later; that only under a condition, lest the order count."""
        first = [each for each in declared if each.value is not None]
        found = [*first, *later]
        unsure = len(declared) > 1 or (len(found) > 1 and any(each.scope is home for each in later))
        if not first and found and not any(each.scope is home for each in later):
            unsure |= not branches(found, home)
        if unsure or not found or any(each.value is None for each in found):
            return [site.missing(f"{name} is not bound to one expression")]
        sites = [Site(each.value, each.scope, site.script, name) for each in found if each.value is not None]
        return [target for each in sites for target in self.targets(each)]

    def field(self, owner: Class, name: str, site: Site) -> Iterable[Target]:
        """A field of a class, as its body, its constructor's parameters or one assignment set it."""
        if (id(owner), name) in self.scripts.changed(site.script):
            return [site.missing(f"{name} is changed after it is made")]
        maker = owner.constructor
        parameters = [maker.fields[name]] if maker is not None and name in maker.fields else []
        declared = [*owner.members.get(name, ()), *parameters]
        match declared:
            case [Bound(value=Function(getter=True) as getter)]:
                return self._returned(getter, site)
            case _:
                pass
        assigned = self.scripts.rebound(site.script, f"this.{name}")
        later = [bound for bound in assigned if bound.scope.this() is owner]
        if not declared and not later:
            return [site.missing(AT_RUN_TIME)]
        home = maker.scope if maker is not None else owner.scope
        if self.callers.calls(owner, site.script) is None:
            return [site.missing(f"{name} may be set elsewhere")]
        found = self._bound(declared, later, home, name, site)
        return [_named(each, f"{owner.name}.{name}") for each in found]

    def _imported(self, imported: Import, site: Site) -> Iterable[Target]:
        path = self.scripts.path_of(imported.module, site.script)
        if path is None or (imported.name == "*" and path in self.scripts.files):
            return [site]
        if path not in self.scripts.files:
            data = self.scripts.data(path)
            whole = imported.name in ("*", "default")
            return [data] if whole else self.member(data, imported.name, site)
        script = self.scripts.script(path)
        if script is None:
            return [site.missing(f"{path} is not read")]
        first, _, rest = imported.name.partition(".")
        exported = script.exports.get(first)
        if exported is not None:
            found = self.targets(Site(exported, script.scope, script, first))
            for name in rest.split(".") if rest else ():
                found = [each for t in found for each in self.member(t, name, site)]
            return found
        for module in script.exported_modules:
            again = Site(Import(module, imported.name, site.node.span), script.scope, script, site.symbol)
            if self._exports(again):
                return self.targets(again)
        return [site.missing(f"{first} is not exported by {path}")]

    def _exports(self, site: Site, depth: int = 0) -> bool:
        assert isinstance(site.node, Import)
        path = self.scripts.path_of(site.node.module, site.script)
        script = self.scripts.script(path) if path else None
        if script is None or depth > MAX_DEPTH:
            return False
        first = site.node.name.partition(".")[0]
        again = (Site(Import(m, first, site.node.span), script.scope, script, "") for m in script.exported_modules)
        return first in script.exports or any(self._exports(each, depth + 1) for each in again)

    def _holds(self, targets: Sequence[Target]) -> bool | None:
        """Whether all that an expression may stand for is true, or false; None when that is not known."""
        found = {self._true(target) for target in targets}
        return found.pop() if len(found) == 1 else None

    def _true(self, target: Target) -> bool | None:
        if isinstance(target, Site) and (isinstance(target.node, _TRUE) or getattr(target.node, "new", False)):
            return True
        return operations.truth(self.content(target))

    def _default(self, operator: str, left: Site, right: Site, site: Site) -> Iterable[Target]:
        """``a ?? b`` and ``a || b``. What only a run tells gives way to the default, unless settings name it."""
        found: list[Target] = []
        gives_way = False
        for target in self.targets(left):
            true = self._true(target)
            value = ABSENT if true else self.content(target)
            if true or (operator == "??" and isinstance(value, Known)):
                found.append(target)
            elif isinstance(value, Unresolved):
                if value.reason != AT_RUN_TIME:
                    return [site.missing(value.reason)]
                if self.settings.name_any(_last_words(value.expression), site.script.file.path):
                    return [site.missing(UNDECIDED)]
                gives_way = True
            elif true is None:
                return [site.missing(UNDECIDED)]
            else:
                gives_way = True
        rest = self.targets(right) if gives_way else []
        # An empty default stands for "somebody gives it", not for a value.
        if any(isinstance(each, Site) and isinstance(each.node, Literal) and each.node.value == "" for each in rest):
            return [site.missing(AT_RUN_TIME)]
        return [*found, *rest]

    def _parameter(self, parameter: Parameter, site: Site) -> Iterable[Target]:
        """What the callers in the project pass for a parameter; its default where there are none."""
        function, default = parameter.function, parameter.default
        whole = Site(default, function.scope, site.script, parameter.name) if default is not None else None
        if function.owner is not None and function is function.owner.constructor:
            calls = self.callers.calls(function.owner, site.script)
        else:
            calls = self.callers.calls(function, site.script)
        if calls is None:
            return [site.missing(f"what is passed for {parameter.name} is not known")]
        if not calls:
            return self.targets(whole) if whole else [site.missing(AT_RUN_TIME)]
        found: list[Target] = []
        for call in calls:
            assert isinstance(call.node, Call)
            arguments = call.node.arguments
            if any(isinstance(each, Spread) for each in arguments[: parameter.index + 1]):
                return [site.missing(f"{parameter.name} is passed in a way that the repository does not tell")]
            passed: list[Target] = [ABSENT]
            if parameter.index < len(arguments):
                passed = self.targets(Site(arguments[parameter.index], call.scope, call.script, parameter.name))
            found += [each for each in passed if whole is None or not isinstance(each, Absent)]
            if whole is not None and ABSENT in passed:
                found += self.targets(whole)
        return found

    def _call(self, call: Call, site: Site) -> Iterable[Target]:
        if call.new:
            return [site]
        functions = self.targets(site.to(call.function))
        match functions:
            case [Site(node=Function() as function) as home]:
                calls = self.callers.calls(function, home.script) if function.parameters else [site]
                if calls is None or len(calls) != 1:
                    return [site.missing("what it returns may differ from call to call")]
                return self._returned(function, home)
            case _:
                return of_libraries.called(call, site, self)

    def _returned(self, function: Expression, home: Site) -> Iterable[Target]:
        """What a function returns, where it never ends without that."""
        assert isinstance(function, Function)
        if not any(each.scope is function.scope for each in function.returns):
            return [home.missing(AT_RUN_TIME)]
        return [
            target
            for each in function.returns
            if each.value is not None
            for target in self.targets(Site(each.value, each.scope, home.script, function.name or home.symbol))
        ]


def _named(target: Target, symbol: str) -> Target:
    return Site(target.node, target.scope, target.script, symbol) if isinstance(target, Site) else target


def _last_words(expression: str) -> list[str]:
    """The name of the setting that an expression reads."""
    return re.findall(r"[\w.-]*\w", expression.rpartition(".")[2])[-1:] or []
