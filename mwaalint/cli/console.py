"""Consoles as they are: code pages that lack characters, pipes whose reader wants the bytes as they were meant."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TYPE_CHECKING, TextIO

import click

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# What stands for the characters that mwaalint itself uses, where a code page lacks them.
_PLAIN = {"…": "...", "≈": "~", "×": "x", "→": "->", "←": "<-", "–": "-", "—": "-", "‘": "'", "’": "'"}
_ERRORS = "mwaalint.plainly"
_ENOUGH = 50_000
_LAYOUT = regex(r"(\t|\r?\n)")


def prepare(stream: TextIO) -> None:
    """Lets a stream take every text. In a pipe lines end as they were written, on Windows too."""
    codecs.register_error(_ERRORS, _plainly)
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_ERRORS, newline=None if stream.isatty() else "\n")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one) or ascii(one)[1:-1] for one in lacking), error.end


def plain(text: str) -> str:
    """The text with what could act on a terminal written out, but for tabs and the ends of lines."""
    from mwaalint.report._terminal import visible

    return "".join(part if part in ("\t", "\n", "\r\n") else visible(part) for part in _LAYOUT.split(text))


def write(chunks: Iterable[str], *, for_people: bool, color: bool | None = None) -> None:
    """Writes to standard output: to people as their console can show it, else as UTF-8, whatever the code page."""
    for text in _together(chunks):
        click.echo(text if for_people else text.encode("utf-8", "backslashreplace"), nl=False, color=color)


def _together(chunks: Iterable[str]) -> Iterator[str]:
    """Fewer and larger pieces, as each is flushed."""
    held: list[str] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size >= _ENOUGH:
            yield "".join(held)
            held, size = [], 0
    yield "".join(held)


def page(text: str, *, color: bool) -> None:
    """Shows a text, with a pager where it is longer than the terminal."""
    import shutil

    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text, color=color)
    else:
        click.echo(text, nl=False, color=color)
