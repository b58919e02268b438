"""The options of a requirements line: pip's own table of them, and a walk over the words that keeps their places."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

# What shlex.split makes one word of; the quantifiers are possessive because a long line must not backtrack.
_WORD = regex(r"""(?:[^ \t\r\n"'\\]++|\\.|"(?:[^"\\]++|\\.)*+"|'[^']*+')++""", re.S)
_BLANK = regex(r"[ \t\r\n]*+")
# pip cuts a line at the first word that starts with a dash, words being what single spaces separate.
_FIRST_OPTION = regex(r"(?:^|(?<= ))-")
# pip's options in a requirements file, each spelling with its long name. A test compares them with
# pip-requirements-parser's table, whose import costs more than reading the file.
_TAKES_VALUE = {
    **dict.fromkeys(("-i", "--index-url", "--pypi-url"), "--index-url"),
    **dict.fromkeys(("-c", "--constraint"), "--constraint"),
    **dict.fromkeys(("-r", "--requirement"), "--requirement"),
    **dict.fromkeys(("-e", "--editable"), "--editable"),
    **dict.fromkeys(("-f", "--find-links"), "--find-links"),
    **dict.fromkeys(("-C", "--config-settings", "--config-setting"), "--config-settings"),
    **{name: name for name in ("--extra-index-url", "--no-binary", "--only-binary", "--trusted-host", "--use-feature")},
    **{name: name for name in ("--install-option", "--global-option", "--hash")},
}
_FLAGS = {name: name for name in ("--no-index", "--prefer-binary", "--require-hashes", "--pre")}
LONG_NAMES = _TAKES_VALUE | _FLAGS
# pip checks these values while it reads the line, the parser does not.
_FORMS = {
    "--hash": (regex(r"(sha256|sha384|sha512):"), "sha256:…, sha384:… or sha512:…"),
    "--config-settings": (regex(r"[^=]*="), "KEY=VALUE"),
}


class OptionError(Exception):
    """Options that pip refuses; the text says why, as a sentence."""


class Word(NamedTuple):
    """A word as the shell would split it: its value without quotes, and where it stands in the line, with them."""

    value: str
    raw: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.raw)


class ParsedOption(NamedTuple):
    """An option in a line.

    ``value_start`` and ``value_end`` leave the quotes out, ``spelling_end`` is where the value or its quote begins;
    without a value all three are the option's end.
    """

    name: str
    value: str | None
    start: int
    end: int
    spelling_end: int
    value_start: int
    value_end: int


def split_options(line: str) -> tuple[str, int]:
    """The requirement at the start of a line ("" when there is none), and where the options begin."""
    first = _FIRST_OPTION.search(line)
    if first is None:
        return line, len(line)
    return line[: first.start()].rstrip(), first.start()


def parse_options(line: str, start: int) -> list[ParsedOption]:
    """The options from a position of the line on; words that belong to none are left out, as pip does.

    Raises OptionError.
    """
    words = list(_words(line, start))
    found, index = [], 0
    while index < len(words) and words[index].value != "--":
        if len(words[index].value) > 1 and words[index].value.startswith("-"):
            option, taken = _option(words, index)
            found.append(option)
            index += taken
        else:
            index += 1
    return found


def _words(line: str, position: int) -> Iterator[Word]:
    while True:
        blank = _BLANK.match(line, position)
        position = blank.end() if blank else position
        if position == len(line):
            return
        match = _WORD.match(line, position)
        if match is None:
            raise OptionError(
                "a quotation mark is not closed" if line[position] in "\"'" else "a backslash escapes nothing"
            )
        raw = match.group()
        yield Word(_unquoted(raw), raw, position)
        position = match.end()


def _unquoted(raw: str) -> str:
    if not re.search(r"[\"'\\]", raw):
        return raw
    import shlex

    return shlex.split(raw)[0]


def _option(words: list[Word], index: int) -> tuple[ParsedOption, int]:
    """The option that starts at a word, and how many words it takes. A value may be in the same word or the next."""
    word = words[index]
    name, prefix = _name(word.value)
    attached = len(word.value) > len(prefix) or prefix.endswith("=")
    if name in _FLAGS:
        if attached:
            raise OptionError(f"option {name} takes no value")
        return ParsedOption(name, None, word.start, word.end, word.end, word.end, word.end), 1
    if attached:
        quoted = len(prefix) if word.raw.startswith(prefix) else 0
        inner = Word(word.value[len(prefix) :], word.raw[quoted:], word.start + quoted)
        return _valued(name, word, inner), 1
    if index + 1 == len(words):
        raise OptionError(f"option {name} needs a value")
    return _valued(name, word, words[index + 1]), 2


def _valued(name: str, option: Word, value: Word) -> ParsedOption:
    form, example = _FORMS.get(name, (None, ""))
    if form and not form.match(value.value):
        raise OptionError(f"the value of {name} must have the form {example}")
    inside = value.raw[1:-1]
    quotes = 1 if value.raw[:1] in ("'", '"') and inside == value.value else 0
    return ParsedOption(
        name, value.value, option.start, value.end, value.start, value.start + quotes, value.end - quotes
    )


def _name(word: str) -> tuple[str, str]:
    """The long name of an option, and the part of the word that names it (with the "=" before a value)."""
    if word.startswith("--"):
        spelled, equals, _ = word.partition("=")
        return _long_name(spelled), spelled + equals
    if word[:2] not in LONG_NAMES:
        raise OptionError(f"no such option: {word[:2]}")
    # pip takes the "=" of "-c=file" for a part of the file's name; nobody means that, and the spelling still shows it.
    return LONG_NAMES[word[:2]], word[:3] if word[2:3] == "=" else word[:2]


def _long_name(spelled: str) -> str:
    """pip's parser takes any unambiguous beginning of a long option."""
    if spelled in LONG_NAMES:
        return LONG_NAMES[spelled]
    begun = {name for spelling, name in LONG_NAMES.items() if spelling.startswith(spelled)}
    names = begun if len(spelled) > 2 else set()
    if len(names) == 1:
        return names.pop()
    raise OptionError(f"{'ambiguous' if names else 'no such'} option: {spelled[:80]}")
