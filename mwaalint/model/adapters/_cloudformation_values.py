"""What an expression of a CloudFormation template comes to with the parameters' defaults: a Value, never a guess."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

from mwaalint.documents.cloudformation import Function, function
from mwaalint.documents.yaml_nodes import Mapping, Node, Scalar, Sequence
from mwaalint.findings import Location
from mwaalint.model.adapters._options import combined, either
from mwaalint.model.values import ABSENT, Absent, Known, Unresolved, Value, possible
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Mapping as Map
    from collections.abc import Sequence as Items

    from mwaalint.documents.cloudformation import Parameter, Template

# Aliases share nodes, so a small file can describe a value of any size.
MAX_VISITS = 20_000
MAX_DEPTH = 100
MAX_CHARACTERS = 10_000
MAX_EXPRESSION = 400

_WHOLE_NUMBER = regex(r"[-+]?[0-9]{1,18}")
_SUB_VARIABLE = regex(r"\$\{([^}]*)\}")
# The attributes that name one resource as its Ref does, not something that it only has.
_IDENTIFYING = frozenset({"Arn", "GroupId", "KeyId", "RouteTableId", "SubnetId", "VpcId", "InternetGatewayId"})
# Dynamic references ({{resolve:ssm:…}}), and what other tools fill in before CloudFormation sees the file.
_FILLED_IN_LATER = regex(r"\{\{|\$\{|<%")


@dataclass(slots=True)
class Evaluator:
    """Evaluates the expressions of one template.

    ``given`` are parameter values from outside, which win over defaults. Values are text as CloudFormation passes them;
    with ``natural`` numbers and booleans are Python's.
    """

    template: Template
    given: Map[str, Value] = field(default_factory=dict)
    _decided: dict[str, bool | None] = field(default_factory=dict)
    _visits: int = 0
    _depth: int = 0

    def value(self, node: Node, symbol: str, *, natural: bool = False) -> Value:
        """What a node comes to; ``symbol`` names the place for locations."""
        self._visits = self._visits + 1 if self._depth else 0
        if self._visits > MAX_VISITS or self._depth > MAX_DEPTH:
            return self._unresolved(node, symbol, "it is too large to follow")
        self._depth += 1
        try:
            return self._value(node, symbol, natural)
        finally:
            self._depth -= 1

    def condition(self, name: str) -> bool | None:
        """Whether a condition holds; None when the repository does not decide it."""
        if name not in self._decided:
            self._decided[name] = None
            node = self.template.conditions.get(name)
            self._decided[name] = self._holds(node) if node else None
        return self._decided[name]

    def at(self, node: Node, symbol: str) -> Location:
        """The place of a node."""
        return Location(self.template.file.path, node.span, symbol)

    def _value(self, node: Node, symbol: str, natural: bool) -> Value:
        if call := function(node):
            return self._call(call, node, symbol, natural)
        match node:
            case Scalar():
                return self._scalar(node, symbol, natural)
            case Sequence():
                items = (
                    self.value(item, f"{symbol}[{index}]", natural=natural) for index, item in enumerate(node.items)
                )
                return Known(tuple(item for item in items if not isinstance(item, Absent)), self.at(node, symbol))
            case Mapping():
                members = (
                    (each.key, self.value(each.value, f"{symbol}.{each.key}", natural=natural)) for each in node.entries
                )
                present = {key: member for key, member in members if not isinstance(member, Absent)}
                return Known(present, self.at(node, symbol))

    def _scalar(self, node: Scalar, symbol: str, natural: bool) -> Value:
        if node.kind == "null":
            return ABSENT
        if _FILLED_IN_LATER.search(node.text):
            return self._unresolved(node, symbol, "it is filled in when the stack is deployed")
        if len(node.text) > MAX_CHARACTERS:
            return self._unresolved(node, symbol, "it is too long to follow")
        if natural:
            return Known(node.literal, self.at(node, symbol))
        return Known(str(node.literal).lower() if node.kind == "bool" else node.text, self.at(node, symbol))

    def _call(self, call: Function, node: Node, symbol: str, natural: bool) -> Value:
        match call.name, call.arguments:
            case "Ref", (Scalar() as name,):
                return self._ref(name.text, node, symbol, natural)
            case "Fn::If", (Scalar() as name, yes, no):
                holds = self.condition(name.text)
                arms = (yes, no) if holds is None else (yes if holds else no,)
                return self._either([self.value(arm, symbol, natural=natural) for arm in arms], node, symbol)
            case "Fn::Sub", (Scalar() as text,):
                return self._sub(text.text, {}, node, symbol)
            case "Fn::Sub", (Scalar() as text, Mapping() as names):
                return self._sub(text.text, {entry.key: entry.value for entry in names.entries}, node, symbol)
            case "Fn::FindInMap", (Scalar() as name, top, second, *_):
                return self._find_in_map(name.text, top, second, node, symbol, natural)
            case "Fn::GetAtt", (Scalar() as name, *rest) if all(isinstance(each, Scalar) for each in rest):
                dotted = ".".join([name.text, *(each.text for each in rest if isinstance(each, Scalar))])
                return self._attribute(dotted, node, symbol)
            case "Fn::Join", (Scalar() as glue, items):
                listed = self.value(items, symbol)
                return self._combined(
                    [listed], lambda lists: _joined(glue.text, lists[0]), node, symbol, _between(glue.text, listed)
                )
            case "Fn::Split", (Scalar() as glue, text):
                return self._split(glue.text, text, node, symbol)
            case "Fn::Select", (index, items):
                return self._select(self.value(index, symbol), self.value(items, symbol, natural=natural), node, symbol)
            case _:
                return self._unresolved(node, symbol, f"the template does not decide {call.name}")

    def _ref(self, name: str, node: Node, symbol: str, natural: bool) -> Value:
        if name == "AWS::NoValue":
            return ABSENT
        parameter = self.template.parameters.get(name)
        if parameter and name in self.given:
            return _typed(parameter, self.given[name], natural)
        if parameter is None:
            missing = self._unresolved(node, symbol, f"{name} is only known when the stack is deployed")
            return replace(missing, resource=name) if name in self.template.logical_ids else missing
        if parameter.type.startswith("AWS::SSM::"):
            return self._unresolved(node, symbol, f"the parameter {name} is read from the Parameter Store")
        if parameter.default is not None:
            return _typed(parameter, self._scalar(parameter.default, f"Parameters.{name}.Default", False), natural)
        if parameter.allowed:
            allowed = [self._scalar(item, f"Parameters.{name}.AllowedValues", False) for item in parameter.allowed]
            return self._either([_typed(parameter, value, natural) for value in allowed], node, symbol)
        return self._unresolved(node, symbol, f"the parameter {name} has no default")

    def _attribute(self, dotted: str, node: Node, symbol: str) -> Unresolved:
        """``Bucket.Arn``: not known, but it leads to the resource when it is what tells that one from others."""
        name, _, attribute = dotted.partition(".")
        missing = self._unresolved(node, symbol, "the template does not decide Fn::GetAtt")
        identifies = attribute in _IDENTIFYING and name in self.template.logical_ids
        return replace(missing, resource=name) if identifies else missing

    def _sub(self, text: str, names: Map[str, Node], node: Node, symbol: str) -> Value:
        if "{{" in text or len(text) > MAX_CHARACTERS:
            return self._unresolved(node, symbol, "it is filled in when the stack is deployed")
        variables = [name for name in dict.fromkeys(_SUB_VARIABLE.findall(text)) if not name.startswith("!")]
        values = [
            self.value(names[name], symbol) if name in names else self._named(name, node, symbol) for name in variables
        ]
        named = dict(zip(variables, values, strict=True))
        return self._combined(
            values,
            lambda parts: _substituted(text, dict(zip(variables, parts, strict=True))),
            node,
            symbol,
            _pieces(text, named, self.at(node, symbol)),
        )

    def _named(self, name: str, node: Node, symbol: str) -> Value:
        return self._attribute(name, node, symbol) if "." in name else self._ref(name, node, symbol, natural=False)

    def _find_in_map(self, name: str, top: Node, second: Node, node: Node, symbol: str, natural: bool) -> Value:
        table = self.template.mappings.get(name)
        if not isinstance(table, Mapping):
            return self._unresolved(node, symbol, f"there is no mapping {name}")
        tops = [str(option.value) for option in possible(self.value(top, symbol))] or [row.key for row in table.entries]
        seconds = [str(option.value) for option in possible(self.value(second, symbol))]
        found: list[Value] = []
        if len(tops) > 1 and len(seconds) > 1:
            return self._unresolved(node, symbol, "it may have any of many values")
        for key, column in product(tops, seconds):
            row = table.get(key)
            cell = row.get(column) if isinstance(row, Mapping) else None
            if cell is None:
                return self._unresolved(node, symbol, f"the mapping {name} has no {column} for {key}")
            found.append(self.value(cell, f"Mappings.{name}.{key}.{column}", natural=natural))
        return self._either(found, node, symbol)

    def _split(self, glue: str, text: Node, node: Node, symbol: str) -> Value:
        value, origin = self.value(text, symbol), self.at(node, symbol)
        if not glue or not isinstance(value, Known) or not isinstance(value.value, str):
            return self._unresolved(node, symbol, "what is split is not known")
        return Known(tuple(Known(part, origin) for part in value.value.split(glue)), origin)

    def _select(self, index: Value, items: Value, node: Node, symbol: str) -> Value:
        chosen = str(index.value) if isinstance(index, Known) else ""
        if isinstance(items, Known) and isinstance(items.value, tuple) and chosen.isdecimal():
            position = int(chosen)
            if position < len(items.value):
                item: Value = items.value[position]
                return item
        return self._unresolved(node, symbol, "what is selected is not known")

    def _combined(
        self,
        values: list[Value],
        make: Callable[[Items[object]], object],
        node: Node,
        symbol: str,
        parts: Items[Value] = (),
    ) -> Value:
        return combined(values, make, lambda reason: self._unresolved(node, symbol, reason), parts)

    def _either(self, values: Iterable[Value], node: Node, symbol: str) -> Value:
        return either(values, lambda reason: self._unresolved(node, symbol, reason))

    def _holds(self, node: Node) -> bool | None:
        self._visits += 1
        call = function(node)
        if call is None or self._visits > MAX_VISITS or self._depth > MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return self._decide(call)
        finally:
            self._depth -= 1

    def _decide(self, call: Function) -> bool | None:
        match call.name, call.arguments:
            case "Condition", (Scalar() as name,):
                return self.condition(name.text)
            case "Fn::Equals", (left, right):
                return _equal(self.value(left, "Conditions"), self.value(right, "Conditions"))
            case "Fn::Not", (inner,):
                holds = self._holds(inner)
                return None if holds is None else not holds
            case ("Fn::And" | "Fn::Or") as name, inner:
                # One false decides an And, one true an Or, whatever the rest comes to.
                decisive = name == "Fn::Or"
                outcomes = [self._holds(each) for each in inner]
                if decisive in outcomes:
                    return decisive
                return None if None in outcomes else not decisive
            case _:
                return None

    def _unresolved(self, node: Node, symbol: str, reason: str) -> Unresolved:
        written = Span(node.span.start, min(node.span.end, node.span.start + MAX_EXPRESSION))
        expression = " ".join(self.template.file.slice(written).split())
        return Unresolved(expression, reason, self.at(node, symbol))


def _typed(parameter: Parameter, value: Value, natural: bool) -> Value:
    """What a parameter's text becomes by its type: a list is split at its commas, a number is one where wanted."""
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return value
    if parameter.type == "CommaDelimitedList" or parameter.type.startswith("List<"):
        parts = (part.strip() for part in value.value.split(","))
        return Known(tuple(Known(part, value.origin) for part in parts if part), value.origin)
    if natural and parameter.type == "Number" and _WHOLE_NUMBER.fullmatch(value.value):
        return Known(int(value.value), value.origin)
    return value


def _equal(left: Value, right: Value) -> bool | None:
    pairs = {a.value == b.value for a, b in product(possible(left), possible(right))}
    return pairs.pop() if len(pairs) == 1 else None


def _joined(glue: str, items: object) -> str | None:
    if not isinstance(items, tuple):
        return None
    parts = [item.value for item in items if isinstance(item, Known) and isinstance(item.value, str)]
    return _bounded(glue.join(parts)) if len(parts) == len(items) else None


def _between(glue: str, items: Value) -> list[Value]:
    """The parts of the text that ``Fn::Join`` makes; none where the list is not known."""
    if not isinstance(items, Known) or not isinstance(items.value, tuple):
        return []
    return [part for item in items.value for part in (Known(glue, items.origin), item)][1:]


def _pieces(text: str, named: Map[str, Value], origin: Location) -> list[Value]:
    """The parts of the text that ``Fn::Sub`` makes. What is not known goes by the name that stands there."""
    pieces: list[Value] = []
    for index, piece in enumerate(_SUB_VARIABLE.split(text)):
        if index % 2 and not piece.startswith("!"):
            value = named[piece]
            pieces.append(replace(value, expression=piece) if isinstance(value, Unresolved) else value)
        elif piece:
            pieces.append(Known("${" + piece[1:] + "}" if index % 2 else piece, origin))
    return pieces


def _substituted(text: str, parts: Map[str, object]) -> str | None:
    if any(not isinstance(part, str) for part in parts.values()):
        return None
    return _bounded(_SUB_VARIABLE.sub(lambda found: _replacement(found[1], parts), text))


def _bounded(text: str) -> str | None:
    return text if len(text) <= MAX_CHARACTERS else None


def _replacement(name: str, parts: Map[str, object]) -> str:
    return "${" + name[1:] + "}" if name.startswith("!") else str(parts[name])
