"""Parses shell scripts, tolerantly and without running anything. Only here is their grammar known.

Three things of a script stand in front of the shell itself and are read away with every place kept: Windows newlines,
the placeholders of a template that Terraform renders, and whatever encoding the file has.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.documents import _shell_statements as statements
from mwaalint.documents import _shell_words as words
from mwaalint.documents._shell_text import ShellText
from mwaalint.documents._trees import first_error
from mwaalint.documents.shell_syntax import ShellScript

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

    from mwaalint.documents.shell_syntax import Block, Word
    from mwaalint.source import SourceFile, Span

# Deeper than any script people write, shallow enough for Python's stack.
MAX_DEPTH = 60


def parse(file: SourceFile, *, rendered: bool = False) -> ShellScript:
    """Reads a script, as much of it as is shell. Raises UnreadableFileError.

    ``rendered`` says that Terraform's ``templatefile`` makes the script of the file, so that ``${name}`` is the
    template's.
    """
    text = ShellText(file, rendered=rendered)
    root = _parser().parse(text.content).root_node
    reader = Reader(text)
    body = reader.block(root.children)
    error = first_error(root)
    return ShellScript(file, body, reader.span(error) if error is not None else None)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


class Reader:
    """Turns tree-sitter's nodes of one script into the types of the syntax, down to MAX_DEPTH."""

    def __init__(self, text: ShellText) -> None:
        self.text = text
        self.depth = 0

    def span(self, first: Node, last: Node | None = None) -> Span:
        """Where nodes stand in the file."""
        return self.place(first.start_byte, (last or first).end_byte)

    def place(self, start: int, end: int) -> Span:
        """Where a range of what was parsed stands in the file."""
        return self.text.span(start, end)

    def source(self, node: Node) -> str:
        """What was parsed there."""
        return self.slice(node.start_byte, node.end_byte)

    def slice(self, start: int, end: int) -> str:
        """What was parsed in a range."""
        return self.text.content[start:end].decode("utf-8", "surrogatepass")

    @property
    def too_deep(self) -> bool:
        """Whether what stands here is nested more deeply than is read."""
        return self.depth > MAX_DEPTH

    def block(self, nodes: list[Node]) -> Block:
        """The statements among sibling nodes, in order."""
        self.depth += 1
        try:
            return statements.block(self, nodes)
        finally:
            self.depth -= 1

    def word(self, node: Node) -> Word:
        """A node as a word."""
        self.depth += 1
        try:
            return words.word(self, node)
        finally:
            self.depth -= 1
