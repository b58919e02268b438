"""Parses TypeScript and JavaScript files, tolerantly and without running anything. Only here is their grammar known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.documents import _typescript_expressions as expressions
from mwaalint.documents import _typescript_statements as statements
from mwaalint.documents._utf8 import utf8
from mwaalint.documents.typescript_syntax import AT_RUN_TIME, Expression, Opaque, Scope, Script
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node, Parser

    from mwaalint.source import SourceFile

# Deeper than any program people write, shallow enough for Python's stack.
MAX_DEPTH = 90

_KINDS = expressions.KINDS | statements.KINDS


def parse(file: SourceFile) -> Script:
    """Reads a file, as much of it as is TypeScript or JavaScript. Raises UnreadableFileError."""
    content, place = utf8(file)
    # Only plain TypeScript has assertions in angle brackets; everything else may have elements in them.
    root = _parser(file.path.endswith((".ts", ".mts", ".cts"))).parse(content).root_node
    reader = Reader(Script(file, Scope(None)), content, place)
    reader.visit(root, reader.script.scope)
    return reader.script


@lru_cache(maxsize=2)
def _parser(plain: bool) -> Parser:
    import tree_sitter
    import tree_sitter_typescript

    language = tree_sitter_typescript.language_typescript() if plain else tree_sitter_typescript.language_tsx()
    return tree_sitter.Parser(tree_sitter.Language(language))


class Reader:
    """Turns tree-sitter's nodes of one file into the types above, down to MAX_DEPTH."""

    def __init__(self, script: Script, content: bytes, place: Callable[[int], int]) -> None:
        self.script = script
        self.content = content
        self.place = place
        self.depth = 0

    def span(self, node: Node) -> Span:
        return Span(self.place(node.start_byte), self.place(node.end_byte))

    def text(self, node: Node) -> str:
        return self.content[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    def visit(self, node: Node, scope: Scope) -> None:
        """Reads all that stands in a node."""
        for child in node.named_children:
            self.read(child, scope)

    def read(self, node: Node, scope: Scope) -> Expression:
        """An expression or statement; Opaque for a statement and for what is not valid."""
        if self.depth > MAX_DEPTH:
            return Opaque("it is nested too deeply", self.span(node))
        self.depth += 1
        try:
            return self._read(node, scope)
        finally:
            self.depth -= 1

    def part(self, node: Node, name: str, scope: Scope) -> Expression:
        """A part of a node by its field; Opaque where it is missing."""
        child = node.child_by_field_name(name)
        return self.read(child, scope) if child is not None else Opaque("it is not valid", self.span(node))

    def _read(self, node: Node, scope: Scope) -> Expression:
        read = _KINDS.get(node.type)
        if read is not None:
            return read(self, node, scope)
        # Whatever else it is (an if, a loop, a switch), what stands in it may or may not be run.
        self.visit(node, Scope(scope, kind=node.type))
        return Opaque(AT_RUN_TIME, self.span(node))
