"""Consoles as they are: code pages that lack characters, pipes whose reader wants the bytes as they were meant."""

from __future__ import annotations

import codecs
import io
import sys
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

# What stands for the characters that mwaalint itself uses, where a code page lacks them.
_PLAIN = {"…": "...", "≈": "~", "×": "x", "→": "->", "←": "<-", "–": "-", "—": "-", "‘": "'", "’": "'"}
_ERRORS = "mwaalint.plainly"


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


def write(chunks: Iterable[str], *, for_people: bool, color: bool | None = None) -> None:
    """Writes to standard output: to people as their console can show it, else as UTF-8, whatever the code page."""
    for chunk in chunks:
        text = chunk if for_people else chunk.encode("utf-8", "backslashreplace")
        click.echo(text, nl=False, color=color)


def page(text: str, *, color: bool) -> None:
    """Shows a text, with a pager where it is longer than the terminal."""
    import shutil

    if sys.stdout.isatty() and text.count("\n") >= shutil.get_terminal_size().lines:
        click.echo_via_pager(text, color=color)
    else:
        click.echo(text, nl=False, color=color)
