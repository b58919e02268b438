"""What a Python expression comes to without running it: literals, names bound once, defaults, what callers pass."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mwaalint.model.adapters._options import added, combined, either, put_together
from mwaalint.model.adapters._python_calls import called_function, default_of, passed_by, returned_by
from mwaalint.model.adapters._python_files import loaded
from mwaalint.model.adapters._python_modules import (
    FunctionNode,
    Module,
    Modules,
    ScopeNode,
    has_parameter,
    mutated,
    rewritten_keys,
)
from mwaalint.model.values import ABSENT, Absent, Known, OneOf, Unresolved, Value
from mwaalint.records import entity
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.model.adapters._cdk_settings import Settings

MAX_VISITS = 5_000
MAX_DEPTH = 40
MAX_CHARACTERS = 10_000
MAX_EXPRESSION = 400

_NO_VALUE = "aws_cdk.Aws.NO_VALUE"


@entity
class Site:
    """An expression with its module and the name its place goes by."""

    node: ast.expr
    module: Module
    symbol: str

    def known(self, content: object) -> Known:
        """A value that is written or computed here."""
        return Known(content, self.module.at(self.node, self.symbol))

    def missing(self, reason: str) -> Unresolved:
        """A value that the repository does not tell."""
        place = self.module.at(self.node, self.symbol)
        written = Span(place.span.start, min(place.span.end, place.span.start + MAX_EXPRESSION))
        return Unresolved(" ".join(self.module.file.slice(written).split()), reason, place)

    def to(self, node: ast.expr, suffix: str = "") -> Site:
        """A part of this expression."""
        return Site(node, self.module, self.symbol + suffix)


@dataclass(eq=False)
class PythonValues:
    """Evaluates expressions. ``structure`` matches the names of calls that only group their keyword arguments."""

    modules: Modules
    settings: Settings
    structure: re.Pattern[str]
    _visits: int = 0
    _depth: int = 0
    _running: dict[FunctionNode, tuple[Module, ast.Call]] = field(default_factory=dict)

    def value(self, site: Site) -> Value:
        """What an expression comes to."""
        self._visits = self._visits + 1 if self._depth else 0
        if self._visits > MAX_VISITS or self._depth > MAX_DEPTH:
            return site.missing("it is too large to follow")
        self._depth += 1
        try:
            return self._value(site)
        finally:
            self._depth -= 1

    def _value(self, site: Site) -> Value:
        match site.node:
            case ast.Constant(value=None):
                return ABSENT
            case ast.Constant(value=str() | int() | float() as literal):
                return site.known(literal)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return site.known(-number)
            case ast.JoinedStr(values=parts):
                return put_together([self._part(site.to(part)) for part in parts], _text, site.missing)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return added([self.value(site.to(side)) for side in (left, right)], _sum, site.missing)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return self._list(items, site)
            case ast.Dict(keys=keys, values=contents):
                return self._dict(keys, contents, site)
            case ast.IfExp(test=test, body=yes, orelse=no):
                holds = truth(self.value(site.to(test)))
                arms = [yes, no] if holds is None else [yes if holds else no]
                return either([self.value(site.to(arm)) for arm in arms], site.missing)
            case ast.BoolOp(op=ast.Or(), values=operands):
                return self._or(operands, site)
            case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq() as op], comparators=[right]):
                sides = [self.value(site.to(side)) for side in (left, right)]
                return combined(sides, lambda both: (both[0] == both[1]) is isinstance(op, ast.Eq), site.missing)
            case ast.Name(id=name):
                return self._name(name, site)
            case ast.Attribute() as attribute:
                return self._attribute(attribute, site)
            case ast.Subscript(value=holder, slice=key):
                return _item(self.value(site.to(holder)), self.value(site.to(key)), site)
            case ast.Call() as call:
                return self._call(call, site)
            case _:
                return site.missing("it is only known when the app runs")

    def _part(self, site: Site) -> Value:
        match site.node:
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=None):
                return self.value(site.to(inner))
            case ast.FormattedValue():
                return site.missing("it is formatted")
            case _:
                return self.value(site)

    def _list(self, items: Sequence[ast.expr], site: Site) -> Value:
        found: list[Value] = []
        for index, item in enumerate(items):
            if isinstance(item, ast.Starred):
                spread = self.value(site.to(item.value))
                if not (isinstance(spread, Known) and isinstance(spread.value, tuple)):
                    return site.missing("what is spread into it is not known")
                found += spread.value
            else:
                found.append(self.value(site.to(item, f"[{index}]")))
        return site.known(tuple(found))

    def _dict(self, keys: Sequence[ast.expr | None], contents: Sequence[ast.expr], site: Site) -> Value:
        members: dict[str, Value] = {}
        for key, content in zip(keys, contents, strict=True):
            name = self.value(site.to(key)) if key else None
            if name is None:
                spread = self.value(site.to(content))
                if not (isinstance(spread, Known) and isinstance(spread.value, dict)):
                    return site.missing("what is spread into it is not known")
                members.update(spread.value)
            elif isinstance(name, Known) and isinstance(name.value, str):
                members[name.value] = self.value(site.to(content, f".{name.value}"))
            else:
                return site.missing("one of its keys is not known")
        return site.known({name: member for name, member in members.items() if not isinstance(member, Absent)})

    def _or(self, operands: Sequence[ast.expr], site: Site) -> Value:
        """The first true operand. One that is not known gives way to the default after it, unless settings name it."""
        for operand in operands[:-1]:
            value = self.value(site.to(operand))
            if truth(value):
                return value
            unsure = isinstance(value, Unresolved) and self.settings.name_any(_names(operand), site.module.file.path)
            if unsure or isinstance(value, OneOf):
                return site.missing("the repository does not decide between its values")
        return self.value(site.to(operands[-1]))

    def _name(self, name: str, site: Site) -> Value:
        module = site.module
        for scope in module.scopes(site.node):
            bound = module.bindings(scope).get(name, [])
            if has_parameter(scope, name):
                if bound or not isinstance(scope, FunctionNode) or mutated(scope, name):
                    return site.missing(f"{name} is changed or only known when it is called")
                return self._parameter(name, scope, site)
            if bound:
                return self._bound(name, scope, module, site)
        return (
            self._imported(module.imports[name], module, site)
            if name in module.imports
            else site.missing(f"{name} is not known here")
        )

    def _bound(self, name: str, scope: ScopeNode, home: Module, site: Site) -> Value:
        """The value that a scope of ``home`` binds a name to; ``site`` is where it was asked for."""
        expression = home.the_one(home.bindings(scope).get(name, []))
        if expression is None or name in home.imports or name in home.declared_global:
            return site.missing(f"{name} is not bound to one expression")
        value = self.value(Site(expression, home, name))
        keys = rewritten_keys(scope, name) if _may_change(value) else frozenset()
        if keys and isinstance(value, Known) and isinstance(value.value, dict):
            changed = site.missing(f"{name} is changed after it is made")
            return Known({**value.value, **dict.fromkeys(keys, changed)}, value.origin)
        return value if keys is not None and not keys else site.missing(f"{name} is changed after it is made")

    def _imported(self, dotted: str, importer: Module, site: Site) -> Value:
        if dotted == _NO_VALUE:
            return ABSENT
        found = self.modules.imported(dotted, importer)
        if found is None or self._depth > MAX_DEPTH:
            return site.missing(f"{dotted} comes from outside the repository")
        home, rest = found
        match rest:
            case [name] if name in home.bindings(home.tree):
                return self._bound(name, home.tree, home, site)
            case [name, *_] if name in home.imports and name not in home.bindings(home.tree):
                return self._again(".".join([home.imports[name], *rest[1:]]), home, site)
            case [owner, attribute]:
                classes = [node for node in home.tree.body if isinstance(node, ast.ClassDef) and node.name == owner]
                return (
                    self._class_attribute(classes[0], attribute, home, site)
                    if len(classes) == 1
                    else site.missing(f"{dotted} is no constant")
                )
            case _:
                return site.missing(f"{dotted} is no constant")

    def _again(self, dotted: str, importer: Module, site: Site) -> Value:
        # Files that re-export from each other may go round in a circle.
        self._depth += 1
        try:
            return self._imported(dotted, importer, site)
        finally:
            self._depth -= 1

    def _attribute(self, node: ast.Attribute, site: Site) -> Value:
        module = site.module
        owner = module.enclosing_class(node)
        if isinstance(node.value, ast.Name) and node.value.id == "self" and owner:
            return self._class_attribute(owner, node.attr, module, site)
        dotted = module.dotted(node)
        first = dotted.partition(".")[0]
        if isinstance(root := _root(node), ast.Name) and root.id in module.imports:
            return self._imported(dotted, module, site)
        classes = [each for each in module.tree.body if isinstance(each, ast.ClassDef) and each.name == first]
        if len(classes) == 1 and dotted == f"{first}.{node.attr}":
            return self._class_attribute(classes[0], node.attr, module, site)
        return site.missing("it is only known when the app runs")

    def _class_attribute(self, owner: ast.ClassDef, attribute: str, home: Module, site: Site) -> Value:
        expression = home.the_one(home.attribute_bindings(owner, attribute))
        if expression is None:
            return site.missing(f"{attribute} is not bound to one expression in {owner.name}")
        value = self.value(Site(expression, home, f"{owner.name}.{attribute}"))
        changed = _may_change(value) and mutated(owner, attribute, of_self=True)
        return site.missing(f"{attribute} is changed after it is made") if changed else value

    def _parameter(self, name: str, function: FunctionNode, site: Site) -> Value:
        """What the callers in the project pass for a parameter; its default where there are none."""
        module, owner = site.module, site.module.parents.get(function)
        default = default_of(function, name)
        calls: Sequence[tuple[Module, ast.Call]] | None
        if function.decorator_list:
            return site.missing(f"what is passed for {name} is not known")
        if function in self._running:
            calls, skipped = [self._running[function]], int(isinstance(owner, ast.ClassDef))
        elif isinstance(owner, ast.ClassDef) and function.name == "__init__":
            calls, skipped = self.modules.calls(owner, module), 1
        elif isinstance(owner, ast.ClassDef):
            calls, skipped = [(module, call) for call in module.own_calls(owner, function.name)], 1
        else:
            calls, skipped = self.modules.calls(function, module), 0
        if calls is None:
            return site.missing(f"subclasses may pass {name} on")
        if not calls:
            return (
                self.value(Site(default, module, f"{function.name}.{name}"))
                if default
                else site.missing(f"nothing in the repository passes {name}")
            )
        position = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)][skipped:]
        values: list[Value] = []
        for caller, call in calls:
            passed = passed_by(call, name, position)
            if isinstance(passed, ast.Starred) or (passed is None and default is None):
                return site.missing(f"{name} is passed in a way that the repository does not tell")
            values.append(self.value(Site(passed, caller, name) if passed else Site(default or call, module, name)))
        return either(values, site.missing)

    def _call(self, call: ast.Call, site: Site) -> Value:
        dotted = site.module.dotted(call.func)
        plain = all(keyword.arg for keyword in call.keywords)
        if self.structure.fullmatch(dotted) or (dotted == "dict" and not call.args):
            if not plain:
                return site.missing("what is spread into it is not known")
            members = {each.arg or "": self.value(site.to(each.value, f".{each.arg}")) for each in call.keywords}
            return site.known({name: member for name, member in members.items() if not isinstance(member, Absent)})
        match call:
            case ast.Call(args=[_, default]) if dotted in {"os.environ.get", "os.getenv"}:
                return self._default_of(default, site)
            case ast.Call(func=ast.Attribute(attr="try_get_context"), args=[key]):
                return self._context(self.value(site.to(key)), site)
            case ast.Call(func=ast.Attribute(value=holder, attr="get"), args=[key, *defaults]) if plain:
                return self._get(holder, key, defaults, site)
            case ast.Call(func=ast.Name(id="str" | "int" as kind), args=[inner], keywords=[]):
                return combined([self.value(site.to(inner))], lambda parts: _converted(kind, parts[0]), site.missing)
            case _:
                found = loaded(call, site, self)
                return self._returned(call, site) if found is None else found

    def _returned(self, call: ast.Call, site: Site) -> Value:
        """What a function of the project returns for this call."""
        target = called_function(call, site.module, self.modules)
        function, home = target if target else (None, site.module)
        expression = returned_by(function) if function else None
        if function is None or expression is None or function in self._running:
            return site.missing("it is only known when the app runs")
        self._running[function] = site.module, call
        try:
            return self.value(Site(expression, home, site.symbol))
        finally:
            del self._running[function]

    def _context(self, key: Value, site: Site) -> Value:
        if not (isinstance(key, Known) and isinstance(key.value, str)):
            return site.missing("which context value is read is not known")
        return self.settings.context(key.value, site.module.file.path)

    def _get(self, holder: ast.expr, key: ast.expr, defaults: Sequence[ast.expr], site: Site) -> Value:
        """``holder.get(key, default)``: a known dict's member; else the default, unless settings name the key."""
        content, name = self.value(site.to(holder)), self.value(site.to(key))
        wanted = name.value if isinstance(name, Known) else None
        if isinstance(content, Known) and isinstance(content.value, dict) and isinstance(wanted, str):
            if wanted in content.value:
                found: Value = content.value[wanted]
                return found
            return self.value(site.to(defaults[0])) if defaults else ABSENT
        if not defaults or not isinstance(wanted, str) or self.settings.name_any([wanted], site.module.file.path):
            return site.missing("it is only known when the app runs")
        return self._default_of(defaults[0], site)

    def _default_of(self, default: ast.expr, site: Site) -> Value:
        # An empty default stands for "somebody gives it", not for a value.
        value = self.value(site.to(default))
        return value if truth(value) is not False else site.missing("it is only known when the app runs")


def truth(value: Value) -> bool | None:
    """Whether a value is true in a condition; None when that is not known."""
    match value:
        case Known():
            return bool(value.value)
        case Absent():
            return False
        case OneOf(options=options) if len(truths := {bool(option.value) for option in options}) == 1:
            return truths.pop()
        case _:
            return None


def _may_change(value: Value) -> bool:
    return isinstance(value, OneOf) or (isinstance(value, Known) and isinstance(value.value, dict | tuple))


def _text(parts: Sequence[object]) -> str | None:
    if not all(isinstance(part, str | int) for part in parts):
        return None
    joined = "".join(str(part) for part in parts)
    return joined if len(joined) <= MAX_CHARACTERS else None


def _sum(parts: Sequence[object]) -> object:
    match parts:
        case [str(), str()]:
            return _text(parts)
        case [int() as left, int() as right]:
            return left + right
        case _:
            return None


def _converted(kind: str, content: object) -> object:
    if kind == "str":
        return str(content) if isinstance(content, str | int) else None
    return int(content) if isinstance(content, str | int) and re.fullmatch(r"-?\d{1,18}", str(content)) else None


def _item(holder: Value, key: Value, site: Site) -> Value:
    match holder, key:
        case Known(value=dict() as members), Known(value=str() as name) if name in members:
            found: Value = members[name]
            return found
        case Known(value=tuple() as items), Known(value=int() as index) if -len(items) <= index < len(items):
            item: Value = items[index]
            return item
        case Unresolved(reason=reason, resource=resource), _:
            return replace(site.missing(reason), resource=resource)
        case _:
            return site.missing("it is only known when the app runs")


def _names(node: ast.expr) -> list[str]:
    """The texts and attributes an expression reads settings by."""
    names = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return [*names, node.attr] if isinstance(node, ast.Attribute) else names


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node
