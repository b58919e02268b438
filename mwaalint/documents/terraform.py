"""Parses .tf and .tfvars files, tolerantly and without evaluating anything. The only module that knows tree-sitter."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.documents._trees import first_error
from mwaalint.documents._utf8 import utf8
from mwaalint.documents.terraform_syntax import (
    Access,
    Attribute,
    Binary,
    Block,
    Call,
    Conditional,
    For,
    GetAttr,
    GetIndex,
    ListOf,
    Literal,
    ObjectOf,
    Opaque,
    Reference,
    Splat,
    Template,
    TerraformFile,
    Unary,
)
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tree_sitter import Node, Parser

    from mwaalint.documents.terraform_syntax import Expression, Step
    from mwaalint.source import SourceFile

# Deeper than any configuration people write, shallow enough for Python's stack.
MAX_DEPTH = 48
LARGEST_NUMBER = 10**30

_LONGEST_NUMBER = 30
_OPERATORS = frozenset({"&&", "||", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%"})
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = regex(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|\$\$(?=\{)|%%(?=\{)", re.DOTALL)
_TEMPLATE_ESCAPE = regex(r"([$%])\1(?=\{)")
# After an attribute; anything else is a part of its value that the grammar did not understand.
_LINE_END = regex(rb"[ \t]*(?:\r?\n|\Z|#|//|/\*|\})")
_STEPS = frozenset({"get_attr", "index", "splat"})
_MARKER = "END_OF_THE_TEMPLATE"


def parse(file: SourceFile) -> TerraformFile:
    """Reads a .tf or .tfvars file, as much of it as is HCL. Raises UnreadableFileError."""
    content, place = utf8(file)
    root = _parser().parse(content).root_node
    reader = _Reader(file, content, place)
    body = next((child for child in root.children if child.type == "body"), None)
    attributes, blocks = reader.body(body, 0) if body is not None else ({}, ())
    error = first_error(root)
    return TerraformFile(file, attributes, blocks, reader.span(error) if error is not None else None)


def template(text: str, file: SourceFile, span: Span) -> Expression:
    """A text with interpolations that stands without HCL's quotes, at ``span`` of a file as a whole."""
    if "${" not in text and "%{" not in text:
        return Literal(text, span)
    if _MARKER in text:
        return Opaque("it is not analyzed", span)
    expression = _alone(f"<<{_MARKER}\n{text}\n{_MARKER}", file, span)
    match expression:
        case Literal(value=str() as whole):
            return Literal(whole.removesuffix("\n"), span)
        case Template(parts=(*parts, Literal(value=str() as last))):
            rest = last.removesuffix("\n")
            return Template((*parts, Literal(rest, span)) if rest else tuple(parts), span)
        case _:
            return expression


def bare(text: str, file: SourceFile, span: Span) -> Expression:
    """An expression that a text is, at ``span`` of a file as a whole."""
    return _alone(text, file, span)


def _alone(text: str, file: SourceFile, span: Span) -> Expression:
    content = f"x = {text}\n".encode("utf-8", "replace")
    root = _parser().parse(content).root_node
    attributes, _ = _Inside(file, content, span).body(root.children[0], 0) if root.children else ({}, ())
    attribute = attributes.get("x")
    return attribute.expression if attribute and not root.has_error else Opaque("it is not valid HCL", span)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _kept(node: Node) -> list[Node]:
    return [child for child in node.children if child.type != "comment"]


class _Reader:
    """Turns tree-sitter's nodes of one file into the types above, down to MAX_DEPTH."""

    def __init__(self, file: SourceFile, content: bytes, place: Callable[[int], int]) -> None:
        self.file = file
        self.content = content
        self.place = place

    def span(self, first: Node, last: Node | None = None) -> Span:
        return self.between(first.start_byte, (last or first).end_byte)

    def between(self, start: int, end: int) -> Span:
        return Span(self.place(start), self.place(end))

    def text(self, start: int, end: int) -> str:
        return self.content[start:end].decode("utf-8", "surrogatepass")

    def text_of(self, node: Node) -> str:
        return self.text(node.start_byte, node.end_byte)

    def body(self, body: Node, depth: int) -> tuple[dict[str, Attribute], tuple[Block, ...]]:
        attributes: dict[str, Attribute] = {}
        blocks = []
        for child in body.children:
            if child.type == "attribute":
                attribute = self.attribute(child)
                attributes.setdefault(attribute.name, attribute)
            elif child.type == "block" and depth < MAX_DEPTH:
                blocks.append(self.block(child, depth))
        return attributes, tuple(blocks)

    def attribute(self, node: Node) -> Attribute:
        children = _kept(node)
        last = children[-1]
        ends_there = _LINE_END.match(self.content, node.end_byte) is not None
        if node.has_error or last.type != "expression" or not ends_there:
            expression: Expression = Opaque("it is not valid HCL", self.span(last))
        else:
            expression = self.term([last], 0)
        return Attribute(self.text_of(children[0]), expression, self.span(node), self.file)

    def block(self, node: Node, depth: int) -> Block:
        names: list[Node] = []
        attributes: dict[str, Attribute] = {}
        blocks: tuple[Block, ...] = ()
        for child in node.children:
            if child.type in ("identifier", "string_lit"):
                names.append(child)
            elif child.type == "body":
                attributes, blocks = self.body(child, depth + 1)
        kind, *labels = [self.text_of(name).strip('"') for name in names] or [""]
        header = self.span(names[0], names[-1]) if names else self.span(node)
        return Block(kind, tuple(labels), attributes, blocks, self.span(node), header, self.file)

    def term(self, nodes: Sequence[Node], depth: int) -> Expression:
        """An expression of sibling nodes: a first one, possibly in parentheses, and the steps after it."""
        span = self.span(nodes[0], nodes[-1])
        if depth > MAX_DEPTH:
            return Opaque("it is nested too deeply", span)
        steps = [node for node in nodes if node.type in _STEPS]
        heads = [node for node in nodes if node.type not in _STEPS and node.type not in ("(", ")")]
        if len(heads) != 1:
            return Opaque("it is not valid HCL", span)
        head = heads[0]
        if not steps:
            return self.single(head, span, depth)
        path = self.steps(steps, depth)
        if head.type == "variable_expr":
            return Reference(self.text_of(head), path, span)
        return Access(self.single(head, self.span(head), depth + 1), path, span)

    def single(self, node: Node, span: Span, depth: int) -> Expression:
        match node.type:
            case "expression":
                return self.term(_kept(node), depth + 1)
            case "literal_value":
                return self.literal(node.children[0], span)
            case "variable_expr":
                return Reference(self.text_of(node), (), span)
            case "template_expr":
                return self.template(node.children[0], span, depth)
            case "collection_value":
                return self.collection(node.children[0], span, depth)
            case "conditional":
                return self.conditional(node, span, depth)
            case "operation":
                return self.operation(node.children[0], span, depth)
            case "function_call":
                return self.call(node, span, depth)
            case "for_expr":
                return self.loop(node.children[0], span, depth)
            case _:
                return Opaque(f"a {node.type.replace('_', ' ')} is not analyzed", span)

    def conditional(self, node: Node, span: Span, depth: int) -> Expression:
        """The grammar reads ``a ? b : c ? d : e`` as ``(a ? b : c) ? d : e``; Terraform binds to the right."""
        arms: list[tuple[Node, Node]] = []
        while True:
            condition, yes, no = (child for child in node.children if child.type == "expression")
            arms.append((yes, no))
            inner = _kept(condition)
            if len(inner) != 1 or inner[0].type != "conditional":
                break
            node = inner[0]
        if depth + len(arms) > MAX_DEPTH:
            return Opaque("it is nested too deeply", span)
        result = self.term([arms[0][1]], depth + len(arms))
        for index, (yes, _) in enumerate(arms):
            test = arms[index + 1][1] if index + 1 < len(arms) else condition
            place = self.span(test, arms[0][1])
            level = depth + len(arms) - index
            result = Conditional(self.term([test], level), self.term([yes], level), result, place)
        return result

    def steps(self, nodes: Sequence[Node], depth: int) -> tuple[Step, ...]:
        path: list[Step] = []
        for node in nodes:
            if node.type == "splat":
                path += self.splat(node.children[0], depth)
            else:
                path.append(self.step(node, depth))
        return tuple(path)

    def splat(self, node: Node, depth: int) -> Iterator[Step]:
        """``[*]`` takes all steps after it from each element, ``.*`` only attributes; an index is one of the list."""
        inner = [child for child in node.children if child.type in _STEPS]
        taken = len(inner)
        if node.type == "attr_splat":
            taken = next((at for at, child in enumerate(inner) if child.type != "get_attr"), taken)
        yield Splat(self.steps(inner[:taken], depth))
        yield from self.steps(inner[taken:], depth)

    def step(self, node: Node, depth: int) -> Step:
        if node.type == "get_attr":
            return GetAttr(self.text_of(node.children[-1]))
        inner = node.children[0]
        if inner.type == "legacy_index":
            return GetIndex(_number(self.text_of(inner).lstrip("."), self.span(inner)))
        key = next((child for child in inner.children if child.type == "expression"), None)
        return GetIndex(self.term([key], depth + 1) if key else Opaque("there is no index", self.span(inner)))

    def literal(self, node: Node, span: Span) -> Expression:
        match node.type:
            case "string_lit":
                return Literal(_unescaped(self.text_of(node)[1:-1]), span)
            case "numeric_lit":
                return _number(self.text_of(node), span)
            case "bool_lit":
                return Literal(self.text_of(node) == "true", span)
            case _:
                return Literal(None, span)

    def template(self, node: Node, span: Span, depth: int) -> Expression:
        heredoc = node.type == "heredoc_template"
        start, end, clean = self.heredoc(node) if heredoc else (node.start_byte + 1, node.end_byte - 1, _unescaped)
        parts: list[Expression] = []
        for child in node.children:
            if child.type not in ("template_interpolation", "template_directive"):
                continue
            self.text_part(parts, start, child.start_byte, clean)
            parts.append(self.interpolation(child, depth))
            start = child.end_byte
        self.text_part(parts, start, end, clean)
        if not parts or (len(parts) == 1 and isinstance(parts[0], Literal) and isinstance(parts[0].value, str)):
            return Literal(parts[0].value if parts and isinstance(parts[0], Literal) else "", span)
        return Template(tuple(parts), span)

    def text_part(self, parts: list[Expression], start: int, end: int, clean: Callable[[str], str]) -> None:
        if end > start:
            parts.append(Literal(clean(self.text(start, end)), self.between(start, end)))

    def interpolation(self, node: Node, depth: int) -> Expression:
        expression = next((child for child in node.children if child.type == "expression"), None)
        if node.type == "template_directive" or expression is None:
            return Opaque("a template directive is not analyzed", self.span(node))
        if any(child.type == "strip_marker" for child in node.children):
            return Opaque("a strip marker is not analyzed", self.span(node))
        return self.term([expression], depth + 1)

    def heredoc(self, node: Node) -> tuple[int, int, Callable[[str], str]]:
        """Where the text of a heredoc starts and ends, and what cleans a part of it."""
        marker, *_, closing = (child for child in node.children if child.type == "heredoc_identifier")
        start = self.content.find(b"\n", marker.end_byte) + 1
        end = self.content.rfind(b"\n", start, closing.start_byte) + 1 or start
        if self.text_of(node.children[0]) != "<<-":
            return start, end, _unescaped_template
        lines = [line for line in self.text(start, end).splitlines() if line.strip()]
        indent = min((len(line) - len(line.lstrip()) for line in lines), default=0)
        dedent = re.compile(rf"(?<=\n)[ \t]{{{indent}}}")
        if not self.content[start : start + indent].strip(b" \t"):
            start += indent

        def clean(text: str) -> str:
            return _unescaped_template(dedent.sub("", text))

        return start, end, clean

    def collection(self, node: Node, span: Span, depth: int) -> Expression:
        if node.type == "tuple":
            return ListOf(tuple(self.inner(node, depth)), span)
        return ObjectOf(tuple(self.elements(node, depth)), span)

    def elements(self, node: Node, depth: int) -> Iterator[tuple[Expression, Expression]]:
        for element in node.children:
            if element.type == "object_elem":
                key, value = (self.term([c], depth + 1) for c in element.children if c.type == "expression")
                if isinstance(key, Reference) and not key.steps and self.content[element.start_byte] != ord("("):
                    key = Literal(key.root, key.span)
                yield key, value

    def loop(self, node: Node, span: Span, depth: int) -> Expression:
        intro = next(child for child in node.children if child.type == "for_intro")
        filters = [child for child in node.children if child.type == "for_cond"]
        names = tuple(self.text_of(child) for child in intro.children if child.type == "identifier")
        (*collections,) = self.inner(intro, depth)
        *keys, value = self.inner(node, depth)
        condition = next((each for part in filters for each in self.inner(part, depth)), None)
        grouped = any(child.type == "ellipsis" for child in node.children)
        return For(names, collections[0], keys[0] if keys else None, value, condition, grouped, span)

    def inner(self, node: Node, depth: int) -> list[Expression]:
        return [self.term([child], depth + 1) for child in node.children if child.type == "expression"]

    def operation(self, node: Node, span: Span, depth: int) -> Expression:
        children = _kept(node)
        if node.type == "unary_operation":
            return Unary(children[0].type, self.term(children[1:], depth + 1), span)
        at = next((i for i, child in enumerate(children) if child.type in _OPERATORS), 0)
        if not 0 < at < len(children) - 1:
            return Opaque("it is not valid HCL", span)
        left, right = self.term(children[:at], depth + 1), self.term(children[at + 1 :], depth + 1)
        return Binary(children[at].type, left, right, span)

    def call(self, node: Node, span: Span, depth: int) -> Expression:
        inner = next((child for child in node.children if child.type == "function_arguments"), None)
        nodes = inner.children if inner is not None else []
        arguments = tuple(self.term([child], depth + 1) for child in nodes if child.type == "expression")
        return Call(self.text_of(node.children[0]), arguments, any(n.type == "ellipsis" for n in nodes), span)


class _Inside(_Reader):
    """Reads what stands inside of something else, such as a string of JSON: all of it is at that place."""

    def __init__(self, file: SourceFile, content: bytes, span: Span) -> None:
        super().__init__(file, content, int)
        self._span = span

    def between(self, _start: int, _end: int) -> Span:
        return self._span


def _number(text: str, span: Span) -> Expression:
    number = int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else float(text)
    return Opaque("the number is too large", span) if abs(number) > LARGEST_NUMBER else Literal(number, span)


def _unescaped(text: str) -> str:
    def replacement(match: re.Match[str]) -> str:
        short, long, letter = match.groups()
        if short or long:
            code = int(short or long, 16)
            return chr(code) if code <= 0x10FFFF else match.group()
        return _ESCAPES.get(letter, match.group()) if letter else match.group()[0]

    return _ESCAPE.sub(replacement, text) if "\\" in text or "{" in text else text


def _unescaped_template(text: str) -> str:
    return _TEMPLATE_ESCAPE.sub(r"\1", text)
