"""Text for a terminal: what is shown of each character, how many columns it takes, and colour."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAB = 4
_CODES = {"error": "1;31", "warning": "1;33", "note": "1;36", "strong": "1", "dim": "2", "help": "1;32"}


@record
class Paint:
    """Colours and links, or neither."""

    color: bool
    hyperlinks: bool
    file_links: bool = False

    def __call__(self, style: str, text: str) -> str:
        """The text in a style of the table above."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and text else text

    def link(self, address: str, text: str) -> str:
        """The text as a link, where the terminal has them."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.hyperlinks and address else text


def visible(text: str) -> str:
    """The text with every control, format and undefined character written out (``\\x1b``), so that it cannot act."""
    return text if text.isprintable() else "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")


def columns(text: str) -> int:
    """How many columns of a terminal a visible text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cells(characters: str, column: int = 0) -> list[str]:
    """What is shown for each character of a line of source: tabs up to the next stop, controls written out."""
    if characters.isascii() and characters.isprintable():
        return list(characters)
    shown = []
    for character in characters:
        cell = " " * (_TAB - column % _TAB) if character == "\t" else visible(character)
        shown.append(cell)
        column += columns(cell)
    return shown


@lru_cache(maxsize=256)  # a rule's help stands below each of its findings
def wrapped(text: str, width: int) -> tuple[str, ...]:
    """The words of a visible text in lines of at most ``width`` columns; a longer word (an address) stays whole."""
    if columns(text) <= width:
        return (text,)
    return tuple(_cut(text, width) if text.isascii() else _word_by_word(text, width))


def _cut(text: str, width: int) -> Iterator[str]:
    while len(text) > width:
        end = text.rfind(" ", 0, width + 1)
        end = text.find(" ", width) if end < 0 else end
        if end < 0:
            break
        yield text[:end]
        text = text[end + 1 :]
    yield text


def _word_by_word(text: str, width: int) -> list[str]:
    lines: list[str] = []
    current: list[str] = []
    used = 0
    for word in text.split(" "):
        size = columns(word)
        if current and used + 1 + size > width:
            lines.append(" ".join(current))
            current, used = [], 0
        used += size + (1 if current else 0)
        current.append(word)
    return [*lines, " ".join(current)]
