"""Statements of a script: commands, assignments, tests, and what holds other statements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.documents._shell_words import WORDS, heredoc
from mwaalint.documents.shell_syntax import (
    Arm,
    Ask,
    Assignment,
    Background,
    Both,
    Branch,
    Case,
    Chain,
    Command,
    Compare,
    Declaration,
    Function,
    Group,
    If,
    Loop,
    Negated,
    Not,
    Pipeline,
    Redirection,
    Test,
    Unread,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from mwaalint.documents.shell import Reader
    from mwaalint.documents.shell_syntax import Block, Condition, Statement

_JOINTS = {"||": "||", "&&": "&&", "-o": "||", "-a": "&&"}
_MOST_TOKENS = 64
_REDIRECTIONS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})


def block(reader: Reader, nodes: list[Node]) -> Block:
    """The statements among sibling nodes."""
    found: list[Statement] = []
    for node in nodes:
        if node.type == "&" and found:
            found[-1] = Background(found[-1], found[-1].span)
        elif node.type in _KINDS:
            found.append(_statement(reader, node))
        elif node.is_error:
            found.append(Unread(reader.span(node)))
    return tuple(found)


def _statement(reader: Reader, node: Node) -> Statement:
    if reader.too_deep:
        return Unread(reader.span(node))
    return _KINDS[node.type](reader, node)


def _only(reader: Reader, node: Node) -> Statement:
    """The statement in a node that holds one."""
    found = reader.block(node.children)
    return found[0] if len(found) == 1 else Unread(reader.span(node))


def _command(reader: Reader, node: Node) -> Statement:
    assignments = tuple(_assignment(reader, child) for child in node.children if child.type == "variable_assignment")
    found = tuple(reader.word(child) for child in node.children if child.type == "command_name" or child.type in WORDS)
    redirections = tuple(_redirections(reader, node))
    return Command(found, reader.span(node), assignments, redirections)


def _assignment(reader: Reader, node: Node) -> Assignment:
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    plain = value is not None and value.type in WORDS and value.type != "array"
    end = reader.place(node.end_byte, node.end_byte)
    return Assignment(
        name=reader.source(name).partition("[")[0] if name is not None else "",
        value=(reader.word(value) if plain and value is not None else None if value is not None else Word((), end)),
        span=reader.span(node),
        append=any(child.type == "+=" for child in node.children),
    )


def _declaration(reader: Reader, node: Node) -> Statement:
    keyword, options, items = "", [], []
    for child in node.children:
        if child.type == "variable_assignment":
            items.append(_assignment(reader, child))
        elif child.type in ("variable_name", "simple_expansion", "string", "concatenation"):
            items.append(Assignment(reader.source(child), None, reader.span(child)))
        elif child.type in ("word", "number"):
            options.append(reader.source(child))
        elif not child.is_named and child is node.children[0]:
            keyword = reader.source(child)
    return Declaration(keyword, tuple(options), tuple(items), reader.span(node))


def _lone_assignment(reader: Reader, node: Node) -> Statement:
    return Declaration("", (), (_assignment(reader, node),), reader.span(node))


def _redirected(reader: Reader, node: Node) -> Statement:
    """The grammar lets redirections stand around whole lists; the shell gives them to the last command."""
    body = node.child_by_field_name("body")
    found = tuple(_redirections(reader, node))
    if body is None:
        return Command((), reader.span(node), (), found)
    statement = _statement(reader, body) if body.type in _KINDS else Unread(reader.span(body))
    statement = _with_redirections(statement, found)
    for child in node.children:
        if child.type == "heredoc_redirect":
            statement = _continued(reader, statement, child)
    return statement


def _with_redirections(statement: Statement, found: tuple[Redirection, ...]) -> Statement:
    match statement:
        case Command() | Group():
            return replace(statement, redirections=(*statement.redirections, *found))
        case Pipeline(statements=(*before, last)):
            return replace(statement, statements=(*before, _with_redirections(last, found)))
        case Chain(rest=(*before, (operator, last))):
            return replace(statement, rest=(*before, (operator, _with_redirections(last, found))))
        case Negated(statement=inner):
            return replace(statement, statement=_with_redirections(inner, found))
        case _:
            return statement


def _continued(reader: Reader, first: Statement, node: Node) -> Statement:
    """What stands on the line of a heredoc's mark: ``cat <<EOF | bash``, ``cat <<EOF && next``."""
    operator = next((child.type for child in node.children if child.type in ("&&", "||")), "")
    nodes = [child for child in node.children if child.type in _KINDS]
    if not nodes:
        return first
    second = _statement(reader, nodes[0])
    if nodes[0].type == "pipeline":
        more = second.statements if isinstance(second, Pipeline) else (second,)
        return Pipeline((first, *more), first.span)
    return Chain(first, ((operator or "&&", second),), first.span)


def _redirections(reader: Reader, node: Node) -> Iterator[Redirection]:
    for child in node.children:
        if child.type not in _REDIRECTIONS:
            continue
        operator = next((part.type for part in child.children if not part.is_named), "")
        if child.type == "heredoc_redirect":
            yield from _redirections(reader, child)
            body = next((part for part in child.children if part.type == "heredoc_body"), None)
            start = next((reader.source(part) for part in child.children if part.type == "heredoc_start"), "")
            literal = any(letter in start for letter in "'\"\\")
            target = heredoc(reader, body, literal=literal) if body is not None else None
        else:
            target = next((reader.word(part) for part in reversed(child.children) if part.type in WORDS), None)
        yield Redirection(operator, target, reader.span(child))


def _pipeline(reader: Reader, node: Node) -> Statement:
    """A pipeline inside of a pipeline, as the grammar has it after a redirection, is the same one."""
    found: list[Statement] = []
    for statement in reader.block(node.children):
        found += statement.statements if isinstance(statement, Pipeline) else [statement]
    return Pipeline(tuple(found), reader.span(node))


def _chain(reader: Reader, node: Node) -> Statement:
    """The grammar nests ``a && b || c`` to the left, as deep as the list is long; here it is one list."""
    links: list[tuple[str, Node]] = []
    while node.type == "list" and len(node.children) == 3:
        left, operator, right = node.children
        links.append((operator.type, right))
        node = left
    if node.type not in _KINDS or node.type == "list" or any(right.type not in _KINDS for _, right in links):
        return Unread(reader.span(node))
    first = _statement(reader, node)
    rest = tuple((operator, _statement(reader, right)) for operator, right in reversed(links))
    return Chain(first, rest, reader.span(node, links[0][1] if links else node))


def _negated(reader: Reader, node: Node) -> Statement:
    return Negated(_only(reader, node), reader.span(node))


def _if(reader: Reader, node: Node) -> Statement:
    branches = [_branch(reader, node)]
    otherwise = None
    for child in node.children:
        if child.type == "elif_clause":
            branches.append(_branch(reader, child))
        elif child.type == "else_clause":
            otherwise = reader.block(child.children)
    return If(tuple(branches), otherwise, reader.span(node))


def _branch(reader: Reader, node: Node) -> Branch:
    at = next((index for index, child in enumerate(node.children) if child.type == "then"), len(node.children))
    body = [child for child in node.children[at:] if child.type not in ("elif_clause", "else_clause")]
    condition = reader.block(node.children[:at])
    return Branch(condition, reader.block(body), reader.span(node, node.children[max(at - 1, 0)]))


def _case(reader: Reader, node: Node) -> Statement:
    subject = node.child_by_field_name("value")
    if subject is None:
        return Unread(reader.span(node))
    arms = tuple(_arm(reader, child) for child in node.children if child.type == "case_item")
    return Case(reader.word(subject), arms, reader.span(node))


def _arm(reader: Reader, node: Node) -> Arm:
    patterns = tuple(reader.word(child) for child in node.children_by_field_name("value"))
    at = next((index for index, child in enumerate(node.children) if child.type == ")"), 0)
    return Arm(patterns, reader.block(node.children[at:]), reader.span(node))


def _loop(reader: Reader, node: Node) -> Statement:
    body = node.child_by_field_name("body")
    variable = node.child_by_field_name("variable")
    keyword = node.children[0].type
    asked = keyword in ("while", "until")
    return Loop(
        keyword=keyword,
        variable=reader.source(variable) if variable is not None else "",
        words=tuple(reader.word(child) for child in node.children_by_field_name("value")),
        condition=reader.block(node.children_by_field_name("condition")) if asked else (),
        body=reader.block(body.children) if body is not None else (),
        span=reader.span(node),
    )


def _function(reader: Reader, node: Node) -> Statement:
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    inner = reader.block([body]) if body is not None else ()
    return Function(reader.source(name) if name is not None else "", inner, reader.span(node))


def _group(reader: Reader, node: Node) -> Statement:
    if node.children and node.children[0].type == "((":
        return Test(Unread(reader.span(node)), reader.span(node))
    return Group(reader.block(node.children), reader.span(node), subshell=node.type == "subshell")


def _test(reader: Reader, node: Node) -> Statement:
    inner = [child for child in node.children if child.is_named]
    condition = _condition(reader, inner[0], 0) if len(inner) == 1 else Unread(reader.span(node))
    return Test(condition, reader.span(node))


def _condition(reader: Reader, node: Node, depth: int) -> Condition:
    span = reader.span(node)
    inner = [child for child in node.children if child.is_named and child.type != "test_operator"]
    if depth + reader.depth > 40:
        return Unread(span)
    if node.type == "parenthesized_expression" and len(inner) == 1:
        return _condition(reader, inner[0], depth + 1)
    if node.type == "binary_expression":
        return _binary(reader, node, depth)
    if node.type == "unary_expression" and len(inner) == 1:
        operator = reader.source(node.children[0])
        if operator == "!":
            return Not(_condition(reader, inner[0], depth + 1), span)
        return Ask(operator, reader.word(inner[0]), span) if inner[0].type in WORDS else Unread(span)
    return Ask("", reader.word(node), span) if node.type in WORDS else Unread(span)


def _binary(reader: Reader, node: Node, depth: int) -> Condition:
    """The grammar binds ``=`` and ``-a`` otherwise than bash does, so the operators are sorted out here."""
    tokens = _in_order(node)
    return _grouped(reader, tokens, depth) if len(tokens) <= _MOST_TOKENS else Unread(reader.span(node))


def _in_order(node: Node) -> list[Node]:
    """Operands and the operators between them, as they are written."""
    found: list[Node] = []
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type == "binary_expression":
            stack += reversed(one.children)
        else:
            found.append(one)
    return found


def _grouped(reader: Reader, tokens: list[Node], depth: int) -> Condition:
    if len(tokens) == 1:
        return _condition(reader, tokens[0], depth + 1)
    operators = [_JOINTS.get(reader.source(token), "") for token in tokens]
    for joint in ("||", "&&"):
        for at in range(len(tokens) - 2, 0, -1):
            if operators[at] == joint:
                left = _grouped(reader, tokens[:at], depth + 1)
                right = _grouped(reader, tokens[at + 1 :], depth + 1)
                return Both(left, joint, right, reader.span(tokens[0], tokens[-1]))
    span = reader.span(tokens[0], tokens[-1])
    if len(tokens) == 3 and tokens[0].type in WORDS and tokens[2].type in WORDS:
        return Compare(reader.word(tokens[0]), reader.source(tokens[1]), reader.word(tokens[2]), span)
    return Unread(span)


_KINDS: dict[str, Callable[[Reader, Node], Statement]] = {
    "command": _command,
    "declaration_command": _declaration,
    "unset_command": _declaration,
    "variable_assignment": _lone_assignment,
    "variable_assignments": _declaration,
    "redirected_statement": _redirected,
    "pipeline": _pipeline,
    "list": _chain,
    "negated_command": _negated,
    "if_statement": _if,
    "case_statement": _case,
    "for_statement": _loop,
    "c_style_for_statement": _loop,
    "while_statement": _loop,
    "function_definition": _function,
    "compound_statement": _group,
    "subshell": _group,
    "test_command": _test,
}
