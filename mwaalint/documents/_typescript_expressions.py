"""Reads the expressions of TypeScript and JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import (
    AT_RUN_TIME,
    Assignment,
    Binary,
    Call,
    Conditional,
    Expression,
    Import,
    Index,
    ListOf,
    Literal,
    Member,
    Name,
    ObjectOf,
    Opaque,
    Property,
    Scope,
    Spread,
    Template,
    This,
    Unary,
)
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from mwaalint.documents.typescript import Reader

_LONGEST_NUMBER = 30
_INTEGER = regex(r"\d+|0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_DECIMAL = regex(r"(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_IMPORT_HELPERS = frozenset({"__importStar", "__importDefault"})


def string(reader: Reader, node: Node, _scope: Scope) -> Expression:
    """``"text"`` with its escapes undone."""
    parts = [_escaped(reader.text(child)) for child in node.named_children]
    return Literal("".join(parts), reader.span(node))


def _escaped(text: str) -> str:
    """The text of a fragment of a string, or of one escape sequence."""
    if not text.startswith("\\"):
        return text
    code = re.fullmatch(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|[ux]([0-9a-fA-F]{2,4}))", text)
    if code is None:
        return _ESCAPES.get(text[1:], text[1:])
    number = int(code[1] or code[2], 16)
    return chr(number) if number <= 0x10FFFF else text


def template(reader: Reader, node: Node, scope: Scope) -> Expression:
    """A template string."""
    parts: list[Expression] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            inner = [each for each in child.named_children if each.type != "comment"]
            parts.append(reader.read(inner[0], scope) if inner else Opaque("it is not valid", reader.span(child)))
        else:
            parts.append(Literal(_escaped(reader.text(child)), reader.span(child)))
    return Template(tuple(parts), reader.span(node))


def number(reader: Reader, node: Node, _scope: Scope) -> Expression:
    """A number in any notation; Opaque where it is a bigint."""
    text = reader.text(node).replace("_", "")
    if len(text) <= _LONGEST_NUMBER and _INTEGER.fullmatch(text):
        return Literal(int(text, 10 if text.isdecimal() else 0), reader.span(node))
    if len(text) <= _LONGEST_NUMBER and _DECIMAL.fullmatch(text):
        return Literal(float(text), reader.span(node))
    return Opaque("it is no plain number", reader.span(node))


def constant(reader: Reader, node: Node, _scope: Scope) -> Expression:
    """``true``, ``false``, ``null`` and ``undefined``."""
    return Literal({"true": True, "false": False}.get(node.type), reader.span(node))


def identifier(reader: Reader, node: Node, _scope: Scope) -> Expression:
    """A name."""
    return Name(reader.text(node), reader.span(node))


def this(reader: Reader, node: Node, _scope: Scope) -> Expression:
    """``this``."""
    return This(reader.span(node))


def member(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``base.name``."""
    name = node.child_by_field_name("property")
    optional = node.child_by_field_name("optional_chain") is not None
    base = reader.part(node, "object", scope)
    return Member(base, reader.text(name) if name is not None else "", optional, reader.span(node))


def subscript(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``base[key]``."""
    return Index(reader.part(node, "object", scope), reader.part(node, "index", scope), reader.span(node))


def unary(reader: Reader, node: Node, scope: Scope) -> Expression:
    """An operator with one operand; what deletes or counts is an assignment."""
    operator = node.child_by_field_name("operator")
    operand = reader.part(node, "argument", scope)
    sign = operator.type if operator is not None else ""
    if sign in ("delete", "++", "--"):
        reader.script.assignments.append(Assignment(operand, sign, None, scope, reader.span(node)))
    return Unary(sign, operand, reader.span(node))


def binary(reader: Reader, node: Node, scope: Scope) -> Expression:
    """An operator with two operands. What stands behind ``&&`` may not be run."""
    operator = node.child_by_field_name("operator")
    sign = operator.type if operator is not None else ""
    left = reader.part(node, "left", scope)
    right = reader.part(node, "right", Scope(scope) if sign in ("&&", "||", "??") else scope)
    return Binary(sign, left, right, reader.span(node))


def conditional(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``a ? b : c``."""
    condition = reader.part(node, "condition", scope)
    yes, no = (reader.part(node, name, Scope(scope)) for name in ("consequence", "alternative"))
    return Conditional(condition, yes, no, reader.span(node))


def spread(reader: Reader, node: Node, scope: Scope) -> Spread:
    """``...value``."""
    inner = [child for child in node.named_children if child.type != "comment"]
    return Spread(reader.read(inner[0], scope) if inner else Opaque("", reader.span(node)), reader.span(node))


def list_of(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``[a, b]``."""
    return ListOf(tuple(listed(reader, node, scope)), reader.span(node))


def listed(reader: Reader, node: Node | None, scope: Scope) -> Iterator[Expression]:
    """The expressions in a node, without the comments between them."""
    for child in node.named_children if node is not None else ():
        if child.type != "comment":
            yield reader.read(child, scope)


def object_of(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``{ key: value }``."""
    members: list[Property | Spread] = []
    for child in node.named_children:
        match child.type:
            case "pair":
                value = reader.part(child, "value", scope)
                members.append(_property(reader, child.child_by_field_name("key") or child, value, scope))
            case "shorthand_property_identifier":
                members.append(_property(reader, child, Name(reader.text(child), reader.span(child)), scope))
            case "spread_element":
                members.append(spread(reader, child, scope))
            case "method_definition":
                value = reader.read(child, scope)
                members.append(_property(reader, child.child_by_field_name("name") or child, value, scope))
            case "comment":
                pass
            case _:
                # An error in the object may hide any key.
                members.append(Spread(Opaque("it is not valid", reader.span(child)), reader.span(child)))
    return ObjectOf(tuple(members), reader.span(node))


def _property(reader: Reader, key: Node, value: Expression, scope: Scope) -> Property:
    place = reader.span(key)
    if key.type in ("string", "number"):
        written = reader.read(key, scope)
        name = written.value if isinstance(written, Literal) else None
        return Property(Literal(str(name), place) if name is not None else written, value, place)
    if key.type == "computed_property_name":
        inner = key.named_children
        return Property(reader.read(inner[0], scope) if inner else Opaque("", place), value, place)
    return Property(Literal(reader.text(key), place), value, place)


def call(reader: Reader, node: Node, scope: Scope) -> Expression:
    """A call, ``new``, a tagged template, or ``require``."""
    new = node.type == "new_expression"
    function = reader.part(node, "constructor" if new else "function", scope)
    inner = node.child_by_field_name("arguments")
    tagged = inner is not None and inner.type == "template_string"
    arguments = (
        (template(reader, inner, scope),) if inner is not None and tagged else tuple(listed(reader, inner, scope))
    )
    span = reader.span(node)
    match function, arguments:
        case Name(name="require"), (Literal(value=str() as module),) if scope.declaring("require") is None:
            return Import(module, "*", span)
        case Name(name=helper), (Import() as imported,) if helper in _IMPORT_HELPERS:
            return imported
        case _:
            call = Call(function, arguments, new, span)
            reader.script.calls.append((call, scope))
            return call


def assignment(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``target = value`` and its kin."""
    operator = node.child_by_field_name("operator")
    target, value = reader.part(node, "left", scope), reader.part(node, "right", scope)
    sign = operator.type if operator is not None else "="
    reader.script.assignments.append(Assignment(target, sign, value, scope, reader.span(node)))
    _common_js(reader, target, value)
    return value if sign == "=" else Opaque(AT_RUN_TIME, reader.span(node))


def _common_js(reader: Reader, target: Expression, value: Expression) -> None:
    match target:
        case Member(base=Name(name="exports"), name=name):
            reader.script.exports[name] = value
        case Member(base=Member(base=Name(name="module"), name="exports"), name=name):
            reader.script.exports[name] = value
        case Member(base=Name(name="module"), name="exports"):
            reader.script.exports["*"] = value
        case _:
            pass


def wrapped(reader: Reader, node: Node, scope: Scope) -> Expression:
    """What stands in parentheses, or before ``as`` and ``!``."""
    return next(listed(reader, node, scope), Opaque("it is not valid", reader.span(node)))


def asserted(reader: Reader, node: Node, scope: Scope) -> Expression:
    """What stands after a type in angle brackets."""
    return reader.read(node.named_children[-1], scope) if node.named_children else wrapped(reader, node, scope)


KINDS: dict[str, Callable[[Reader, Node, Scope], Expression]] = {
    "string": string,
    "template_string": template,
    "number": number,
    "true": constant,
    "false": constant,
    "null": constant,
    "undefined": constant,
    "identifier": identifier,
    "super": identifier,
    "this": this,
    "member_expression": member,
    "subscript_expression": subscript,
    "unary_expression": unary,
    "update_expression": unary,
    "binary_expression": binary,
    "ternary_expression": conditional,
    "spread_element": spread,
    "array": list_of,
    "object": object_of,
    "call_expression": call,
    "new_expression": call,
    "assignment_expression": assignment,
    "augmented_assignment_expression": assignment,
    "parenthesized_expression": wrapped,
    "as_expression": wrapped,
    "satisfies_expression": wrapped,
    "non_null_expression": wrapped,
    "type_assertion": asserted,
}
