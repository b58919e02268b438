"""The constructs of a CDK app in Python, and what the program does with each."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mwaalint.documents.python_walk import walk
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
from mwaalint.model.adapters._python_modules import block_of, is_self_attribute
from mwaalint.model.adapters._python_values import Site
from mwaalint.model.values import ABSENT, Known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mwaalint.findings import Location
    from mwaalint.model.adapters._cdk_python_values import CdkValues
    from mwaalint.model.adapters._python_modules import Module
    from mwaalint.model.values import Value

_CHANGING_NODES = frozenset({"default_child", "find_child", "try_find_child"})
_HARMLESS = frozenset({"typing.cast", "isinstance", "print", "str", "Tags.of", "Aspects.of", "CfnOutput"})


def find_constructs(modules: Iterable[Module], values: CdkValues) -> list[tuple[Module, ast.Call]]:
    """Tells ``values`` the address of each construct that the modules make, one of its own, and returns the calls."""
    found = [(module, call) for module in modules for call in calls_of(module) if _kind(call, module) in CONSTRUCTS]
    for module, call in found:
        kind = _kind(call, module)
        name = symbol(kind, call, module, values)
        address = name if name not in values.kinds else f"{name} ({module.file.path}, {call.lineno}:{call.col_offset})"
        values.addresses[call] = address
        values.kinds[address] = kind
    return found


def calls_of(module: Module) -> list[ast.Call]:
    """The calls of a module in the order they are written."""
    calls = [node for node in walk(module.tree) if isinstance(node, ast.Call)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def symbol(kind: str, call: ast.Call, module: Module, values: CdkValues) -> str:
    """The type with the construct's id, as far as that is known."""
    written = [keyword.value for keyword in call.keywords if keyword.arg in ("id", "construct_id")] or call.args[1:2]
    found = values.value(Site(written[0], module, kind)) if written else ABSENT
    return f"{kind}.{found.value}" if isinstance(found, Known) else kind


def construct(call: ast.Call, module: Module, values: CdkValues) -> Construct:
    """What a call makes, with its arguments."""
    address = values.addresses[call]
    kind, owner = values.kinds[address], module.enclosing_class(call)
    place = module.at(call.func, address)
    given = Given() if kind == ENVIRONMENT else values.given(call, Site(call, module, address))
    home = f"{module.file.path}:{owner.name if owner else ''}"
    return Construct(kind, address, place, given, block_of(call, module), home)


def _kind(call: ast.Call, module: Module) -> str:
    return cdk_name(module.dotted(call.func))


@dataclass(eq=False)
class Uses:
    """What the modules do with the constructs: the calls of their methods, and those that get out of sight."""

    values: CdkValues
    found: list[Use] = field(default_factory=list)
    escaped: set[str] = field(default_factory=set)
    imported: list[Value] = field(default_factory=list)

    def read(self, module: Module) -> None:
        """Looks at every place of a module where a construct is named."""
        for call in calls_of(module):
            if isinstance(call.func, ast.Attribute):
                self._extended(call, call.func, module)
        for node in walk(module.tree):
            if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
                continue
            if isinstance(node, ast.Name) and (node.id == "self" or node.id in module.imports):
                continue
            if address := self.values.construct(node, module):
                self._named(node, address, module)

    def _named(self, node: ast.expr, address: str, module: Module) -> None:
        match module.parents[node]:
            case ast.Attribute() as parent:
                self._member(parent, address, module)
            case ast.Assign(targets=targets) if all(_is_plain(target) for target in targets):
                pass
            case ast.AnnAssign(target=target) if _is_plain(target):
                pass
            case ast.Return() | ast.Expr() | ast.FormattedValue() | ast.Compare():
                pass
            case _:
                if self.values.kinds[address] in CHANGED_BY_OTHERS:
                    self._passed(node, address, module)

    def _member(self, member: ast.Attribute, address: str, module: Module) -> None:
        name, outer = member.attr, module.parents[member]
        if name in PARTS and isinstance(outer, ast.Attribute):
            if name == "node" and outer.attr in _CHANGING_NODES:
                self.escaped.add(address)
            name, member, outer = f"{name}.{outer.attr}", outer, module.parents[outer]
        if isinstance(outer, ast.Call) and outer.func is member:
            self._called(name, outer, address, module)
        elif not reads_only(name) and not name.startswith("node"):
            self.escaped.add(address)

    def _called(self, method: str, call: ast.Call, address: str, module: Module) -> None:
        if not method.startswith(("grant", "metric")) and method not in HARMLESS_METHODS:
            given = self.values.given(call, Site(call, module, address))
            self.found.append(Use(method, address, given, module.at(call, address), block_of(call, module)))

    def _passed(self, node: ast.expr, address: str, module: Module) -> None:
        """A construct that is an argument, or an item of a list that is one."""
        inner: ast.AST = node
        outer = module.parents[inner]
        while isinstance(outer, ast.keyword | ast.List | ast.Tuple | ast.Starred):
            inner, outer = outer, module.parents[outer]
        if not isinstance(outer, ast.Call) or outer.func is inner:
            self.escaped.add(address)
        elif isinstance(outer.func, ast.Attribute) and outer.func.attr.startswith("grant"):
            at = module.at(outer, address)
            given = self._granted(outer.func, module, at)
            self.found.append(Use("granted", address, given, at, block_of(outer, module)))
        elif not self._is_followed(outer, module):
            self.escaped.add(address)

    def _extended(self, call: ast.Call, method: ast.Attribute, module: Module) -> None:
        """What is done for a role of another stack."""
        granting = [*call.args, *(each.value for each in call.keywords)] if method.attr.startswith("grant") else []
        for node in [method.value] if method.attr in EXTENDING else granting:
            made, home = self.values.origins.of(node, module)
            if isinstance(made, ast.Call) and (kind := _kind(made, home)).startswith(IMPORTED_ROLE):
                self.imported.append(role_named(self.values.given(made, Site(made, home, kind))))

    def _granted(self, method: ast.Attribute, module: Module, at: Location) -> Given:
        made, home = self.values.origins.of(method.value, module)
        kind = _kind(made, home) if isinstance(made, ast.Call) else ""
        return grant(method.attr, kind, self.values.construct(method.value, module), at)

    def _is_followed(self, call: ast.Call, module: Module) -> bool:
        dotted = module.dotted(call.func)
        name = cdk_name(dotted)
        if name in CONSTRUCTS or name.startswith("iam.") or {name, dotted} & _HARMLESS or "NagSuppressions" in dotted:
            return True
        if isinstance(call.func, ast.Attribute) and call.func.attr in FOLLOWED_METHODS:
            return True
        if isinstance(call.func, ast.Attribute) and is_self_attribute(call.func, call.func.attr):
            owner = module.enclosing_class(call)
            return owner is not None and len(module.own_calls(owner, call.func.attr)) == 1
        target = self.values.origins.defined(call.func, module)
        callers = self.values.modules.calls(*target) if target is not None else None
        return callers is not None and len(callers) == 1


def _is_plain(target: ast.expr) -> bool:
    """Whether what is assigned here can be found again by its name."""
    return isinstance(target, ast.Name) or (
        isinstance(target, ast.Attribute) and is_self_attribute(target, target.attr)
    )
