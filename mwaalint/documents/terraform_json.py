"""Parses .tf.json files: Terraform's configuration in JSON, where strings are templates.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.documents import json_nodes
from mwaalint.documents.terraform import LARGEST_NUMBER, MAX_DEPTH, bare, template
from mwaalint.documents.terraform_syntax import Attribute, Block, ListOf, Literal, ObjectOf, Opaque, TerraformFile
from mwaalint.documents.yaml_nodes import Mapping, Scalar, Sequence, YamlError
from mwaalint.source import Span, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.terraform_syntax import Expression
    from mwaalint.documents.yaml_nodes import Entry, Node
    from mwaalint.source import SourceFile

# How many labels the blocks at the top of a file have.
_LABELS = {
    "check": 1,
    "data": 2,
    "locals": 0,
    "module": 1,
    "output": 1,
    "provider": 1,
    "resource": 2,
    "terraform": 0,
    "variable": 1,
}
_COMMENT = "//"
# Strings that are names or types, never text.
_WITHOUT_QUOTES = frozenset({"depends_on", "ignore_changes", "provider", "replace_triggered_by"})


def parse(file: SourceFile) -> TerraformFile:
    """Reads a .tf.json file. Raises UnreadableFileError."""
    try:
        root = json_nodes.read(file, file.text)
    except json_nodes.NotJsonError:
        raise UnreadableFileError("the file is not valid JSON") from None
    except YamlError as error:
        raise UnreadableFileError(str(error)) from None
    return TerraformFile(file, {}, tuple(_Reader(file).top(root)))


class _Reader:
    """Turns the nodes of one file into blocks.

    Only a resource's schema tells whether an object is a nested block or a map, so it is made to be both: who asks for
    it knows.
    """

    def __init__(self, file: SourceFile) -> None:
        self.file = file

    def top(self, root: Node) -> Iterator[Block]:
        for entry in _entries(root):
            labels = _LABELS.get(entry.key)
            if labels is not None:
                yield from self.blocks(entry.key, (), labels, entry.value, entry.key_span, 0)

    def blocks(
        self, kind: str, labels: tuple[str, ...], missing: int, node: Node, header: Span, depth: int
    ) -> Iterator[Block]:
        """The blocks of one kind: an object, a list of them, with an object around for each label."""
        for each in node.items if isinstance(node, Sequence) else (node,):
            if not isinstance(each, Mapping):
                continue
            if not missing:
                yield self.block(kind, labels, each, header, depth)
                continue
            for entry in _entries(each):
                inner = (*labels, entry.key)
                yield from self.blocks(kind, inner, missing - 1, entry.value, entry.key_span, depth)

    def block(self, kind: str, labels: tuple[str, ...], body: Mapping, header: Span, depth: int) -> Block:
        attributes: dict[str, Attribute] = {}
        nested: list[Block] = []
        for entry in _entries(body):
            span = Span(entry.key_span.start, entry.value.span.end)
            attributes.setdefault(entry.key, Attribute(entry.key, self.argument(kind, entry), span, self.file))
            if depth < MAX_DEPTH and kind not in ("locals", "variable"):
                missing = int(entry.key == "dynamic")
                nested += self.blocks(entry.key, (), missing, entry.value, entry.key_span, depth + 1)
        return Block(kind, labels, attributes, tuple(nested), body.span, header, self.file)

    def argument(self, kind: str, entry: Entry) -> Expression:
        if entry.key in _WITHOUT_QUOTES or (kind == "variable" and entry.key == "type"):
            return self.name(entry.value)
        return self.expression(entry.value, 0)

    def name(self, node: Node) -> Expression:
        if isinstance(node, Sequence):
            return ListOf(tuple(self.name(item) for item in node.items if isinstance(item, Scalar)), node.span)
        return bare(node.text, self.file, node.span) if isinstance(node, Scalar) else self.expression(node, 0)

    def expression(self, node: Node, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            return Opaque("it is nested too deeply", node.span)
        match node:
            case Scalar(kind="str", text=text):
                return template(text, self.file, node.span)
            case Scalar():
                return _literal(node)
            case Sequence(items=items):
                return ListOf(tuple(self.expression(item, depth + 1) for item in items), node.span)
            case Mapping():
                pairs = (
                    (template(entry.key, self.file, entry.key_span), self.expression(entry.value, depth + 1))
                    for entry in _entries(node)
                )
                return ObjectOf(tuple(pairs), node.span)


def _entries(node: Node) -> Iterator[Entry]:
    """The entries of an object, or of each object of a list, without comments."""
    for each in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(each, Mapping):
            yield from (entry for entry in each.entries if entry.key != _COMMENT)


def _literal(node: Scalar) -> Expression:
    value = node.literal
    if isinstance(value, str) or (isinstance(value, int | float) and abs(value) > LARGEST_NUMBER):
        return Opaque("the number is too large", node.span)
    return Literal(value, node.span)
