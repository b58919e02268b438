"""Reads the statements of TypeScript and JavaScript: what they bind, and functions and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents.typescript_syntax import (
    ONE_OF_SEVERAL,
    Binary,
    Bound,
    Class,
    Expression,
    Function,
    Import,
    Literal,
    Member,
    Name,
    ObjectOf,
    Opaque,
    Parameter,
    Property,
    Scope,
    Spread,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from mwaalint.documents.typescript import Reader

_GENERATORS = frozenset({"generator_function_declaration", "generator_function"})
_DECLARED = frozenset({"function_declaration", "generator_function_declaration"})


def function(reader: Reader, node: Node, scope: Scope) -> Function:
    """A function, method or arrow function."""
    named = node.child_by_field_name("name")
    inner = Scope(scope)
    made = Function(reader.text(named) if named is not None else "", inner, reader.span(node))
    inner.function = made
    if node.type in _DECLARED:
        scope.names.setdefault(made.name, []).append(Bound(made, scope))
    made.getter = any(child.type == "get" for child in node.children)
    _bind_parameters(reader, node, made)
    body = node.child_by_field_name("body")
    if body is not None and body.type == "statement_block":
        reader.visit(body, inner)
    elif body is not None:
        made.returns.append(Bound(reader.read(body, inner), inner))
    if node.type in _GENERATORS or any(child.type in ("async", "*") for child in node.children):
        made.returns = []
    return made


def returned(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``return value``."""
    values = [reader.read(child, scope) for child in node.named_children if child.type != "comment"]
    function = scope.body().function
    if function is not None:
        function.returns.append(Bound(values[0] if values else Literal(None, reader.span(node)), scope))
    return Opaque("it is a statement", reader.span(node))


def klass(reader: Reader, node: Node, scope: Scope) -> Class:
    """A class."""
    named = node.child_by_field_name("name")
    inner = Scope(scope)
    found = Class(reader.text(named) if named is not None else "", inner, reader.span(node))
    inner.owner = found
    reader.script.classes.append(found)
    if named is not None:
        (inner if node.type == "class" else scope).names.setdefault(found.name, []).append(Bound(found, scope))
    heritage = next((child for child in node.named_children if child.type == "class_heritage"), None)
    for clause in heritage.named_children if heritage is not None else ():
        if clause.type == "extends_clause":
            found.base = reader.part(clause, "value", scope)
    body = node.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        _class_member(reader, child, found)
    return found


def _class_member(reader: Reader, node: Node, owner: Class) -> None:
    named = node.child_by_field_name("name")
    if named is None:
        reader.visit(node, Scope(owner.scope))
        return
    name = reader.text(named)
    if node.type == "method_definition":
        method = function(reader, node, owner.scope)
        method.owner = owner
        if name == "constructor":
            owner.constructor = method
        owner.members.setdefault(name, []).append(Bound(method, owner.scope))
    elif node.type == "public_field_definition":
        value = node.child_by_field_name("value")
        if value is not None:
            owner.members.setdefault(name, []).append(Bound(reader.read(value, owner.scope), owner.scope))


def block(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``{ ... }``."""
    reader.visit(node, Scope(scope))
    return Opaque("it is a statement", reader.span(node))


def plain(reader: Reader, node: Node, scope: Scope) -> Expression:
    """An expression as a statement."""
    reader.visit(node, scope)
    return Opaque("it is a statement", reader.span(node))


def declared(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``const``, ``let`` and ``var``."""
    home = scope.body() if node.type == "variable_declaration" else scope
    for child in node.named_children:
        if child.type == "variable_declarator" and (name := child.child_by_field_name("name")) is not None:
            value = child.child_by_field_name("value")
            bind(reader, name, reader.read(value, scope) if value is not None else None, scope, home)
    return Opaque("it is a statement", reader.span(node))


def each_of(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``for (const x of xs)``."""
    inner = Scope(scope)
    left = node.child_by_field_name("left")
    if left is not None:
        bind(reader, left, Opaque(ONE_OF_SEVERAL, reader.span(left)), scope, inner)
    for name in ("right", "body"):
        reader.part(node, name, inner)
    return Opaque("it is a statement", reader.span(node))


def caught(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``catch (error)``."""
    inner = Scope(scope)
    parameter = node.child_by_field_name("parameter")
    if parameter is not None:
        bind(reader, parameter, Opaque(ONE_OF_SEVERAL, reader.span(parameter)), scope, inner)
    reader.part(node, "body", inner)
    return Opaque("it is a statement", reader.span(node))


def enum(reader: Reader, node: Node, scope: Scope) -> Expression:
    """An enum, as the object it becomes; of the numbers it gives by itself only the first is told."""
    members: list[Property | Spread] = []
    body = node.child_by_field_name("body")
    for position, child in enumerate(body.named_children if body is not None else ()):
        key = child.child_by_field_name("name") or child
        value = child.child_by_field_name("value")
        number: Expression = (
            Opaque("it is numbered by its place", reader.span(child))
            if members
            else Literal(position, reader.span(key))
        )
        members.append(_member(reader, key, reader.read(value, scope) if value is not None else number))
    named = node.child_by_field_name("name")
    if named is not None:
        bind(reader, named, ObjectOf(tuple(members), reader.span(node)), scope, scope)
    return Opaque("it is a statement", reader.span(node))


def _member(reader: Reader, key: Node, value: Expression) -> Property:
    return Property(Literal(reader.text(key).strip("\"'"), reader.span(key)), value, reader.span(key))


def bind(reader: Reader, pattern: Node, value: Expression | None, scope: Scope, home: Scope) -> None:
    """Binds the names of a pattern in ``home``; ``value`` stands in ``scope``."""
    place = reader.span(pattern)
    unknown = Opaque(ONE_OF_SEVERAL, place)
    match pattern.type:
        case "identifier" | "shorthand_property_identifier_pattern":
            home.names.setdefault(reader.text(pattern), []).append(Bound(value, scope))
        case "assignment_pattern" | "object_assignment_pattern":
            left, right = (pattern.child_by_field_name(name) for name in ("left", "right"))
            default = reader.read(right, scope) if right is not None else unknown
            if left is not None and left.type == "shorthand_property_identifier_pattern":
                value = Member(value or unknown, reader.text(left), True, place)
            if left is not None:
                bind(reader, left, Binary("??", value or unknown, default, place), scope, home)
        case "object_pattern":
            for child in pattern.named_children:
                _bind_member(reader, child, value or unknown, scope, home)
        case _:
            # The elements of a list, and what is left of an object, are not told apart.
            for child in pattern.named_children:
                bind(reader, child, unknown, scope, home)


def _bind_member(reader: Reader, child: Node, value: Expression, scope: Scope, home: Scope) -> None:
    place = reader.span(child)
    key, inner = child.child_by_field_name("key"), child.child_by_field_name("value")
    if child.type == "shorthand_property_identifier_pattern":
        bind(reader, child, Member(value, reader.text(child), True, place), scope, home)
    elif child.type == "object_assignment_pattern":
        bind(reader, child, value, scope, home)
    elif key is not None and inner is not None:
        bind(reader, inner, Member(value, reader.text(key).strip("\"'"), True, place), scope, home)
    else:
        bind(reader, child, None, scope, home)


def _bind_parameters(reader: Reader, node: Node, made: Function) -> None:
    single, several = node.child_by_field_name("parameter"), node.child_by_field_name("parameters")
    nodes = [child for child in several.named_children if child.type != "comment"] if several is not None else []
    for index, child in enumerate([single] if single is not None else nodes):
        pattern = child.child_by_field_name("pattern") or child
        written = child.child_by_field_name("value")
        default = reader.read(written, made.scope) if written is not None else None
        name = reader.text(pattern)
        value: Expression = Parameter(index, name, default, made, reader.span(pattern))
        if pattern.type == "rest_pattern":
            value = Opaque(ONE_OF_SEVERAL, reader.span(pattern))
        bind(reader, pattern, value, made.scope, made.scope)
        if any(part.type in ("accessibility_modifier", "readonly") for part in child.children):
            made.fields[name] = Bound(Name(name, reader.span(pattern)), made.scope)
        made.parameters += 1


def imported(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``import`` in all its forms."""
    source = _text_of(reader, node.child_by_field_name("source"))
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            source = _text_of(reader, clause.child_by_field_name("source"))
        for child in clause.named_children:
            if child.type == "identifier":
                name = "*" if clause.type == "import_require_clause" else "default"
                _bind_import(reader, child, child, source, name, scope)
            elif child.type == "namespace_import" and child.named_children:
                _bind_import(reader, child, child.named_children[-1], source, "*", scope)
            for each in child.named_children if child.type == "named_imports" else ():
                written = each.child_by_field_name("name") or each
                alias = each.child_by_field_name("alias") or written
                _bind_import(reader, each, alias, source, reader.text(written), scope)
    return Opaque("it is a statement", reader.span(node))


def _bind_import(reader: Reader, node: Node, alias: Node, source: str, name: str, scope: Scope) -> None:
    bound = Bound(Import(source, name, reader.span(node)), scope)
    scope.names.setdefault(reader.text(alias), []).append(bound)


def _text_of(reader: Reader, node: Node | None) -> str:
    return reader.text(node)[1:-1] if node is not None else ""


def exported(reader: Reader, node: Node, scope: Scope) -> Expression:
    """``export`` in all its forms."""
    script, written = reader.script, node.child_by_field_name("source")
    declaration, value = (node.child_by_field_name(name) for name in ("declaration", "value"))
    source = _text_of(reader, written)
    default = any(child.type == "default" for child in node.children)
    names = set(scope.names)
    if value is not None:
        script.exports["default"] = reader.read(value, scope)
    if declaration is not None:
        reader.read(declaration, scope)
        for name in set(scope.names) - names:
            script.exports["default" if default else name] = Name(name, reader.span(declaration))
    for child in node.named_children:
        if child.type == "namespace_export" and child.named_children:
            script.exports[reader.text(child.named_children[-1])] = Import(source, "*", reader.span(child))
        for each in child.named_children if child.type == "export_clause" else ():
            name = reader.text(each.child_by_field_name("name") or each)
            place = reader.span(each)
            alias = reader.text(each.child_by_field_name("alias") or each.child_by_field_name("name") or each)
            script.exports[alias] = Import(source, name, place) if written is not None else Name(name, place)
    if written is not None and any(child.type == "*" for child in node.children):
        script.exported_modules.append(source)
    return Opaque("it is a statement", reader.span(node))


def broken(reader: Reader, node: Node, _scope: Scope) -> Expression:
    """What is not valid; what seems to stand in it may mean something else."""
    return Opaque("it is not valid", reader.span(node))


def nothing(reader: Reader, node: Node, _scope: Scope) -> Expression:
    """A type, which leaves nothing behind when the app runs."""
    return Opaque("it is a type", reader.span(node))


KINDS: dict[str, Callable[[Reader, Node, Scope], Expression]] = {
    "ERROR": broken,
    "function_declaration": function,
    "function_expression": function,
    "generator_function_declaration": function,
    "generator_function": function,
    "arrow_function": function,
    "method_definition": function,
    "class_declaration": klass,
    "abstract_class_declaration": klass,
    "class": klass,
    "return_statement": returned,
    "statement_block": block,
    "expression_statement": plain,
    "lexical_declaration": declared,
    "variable_declaration": declared,
    "for_in_statement": each_of,
    "catch_clause": caught,
    "enum_declaration": enum,
    "import_statement": imported,
    "export_statement": exported,
    "type_annotation": nothing,
    "interface_declaration": nothing,
    "type_alias_declaration": nothing,
    "type_arguments": nothing,
    "ambient_declaration": nothing,
}
