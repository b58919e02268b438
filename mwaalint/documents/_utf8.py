"""Text as tree-sitter reads it: UTF-8, whatever the file is written in."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mwaalint.source import SourceFile


def utf8(file: SourceFile) -> tuple[bytes, Callable[[int], int]]:
    """The text as UTF-8, and the way from an offset in it back to the offset in the file."""
    text = file.text
    if file.encoding == "utf-8":
        shift = len(file.mark)
        return file.data[shift:], lambda offset: offset + shift
    content = text.encode("utf-8", "surrogatepass")
    characters = array("L", [0])
    for index, character in enumerate(text):
        characters.extend([index + 1] * len(character.encode("utf-8", "surrogatepass")))
    # An offset inside a character never occurs; at its end the count of characters up to there is right.
    return content, lambda offset: file.byte_offset(characters[offset])
