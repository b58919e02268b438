"""Shell commands as far as needed to see where they run dbt: folders changed to, variables set, dbt's own words.

Nothing is run. What a command line does not tell stays a hole: ``\\0`` on both sides of a few words about it.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from posixpath import basename, join, normpath
from typing import TYPE_CHECKING

from mwaalint.documents.jinja import replaced
from mwaalint.patterns import regex
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

HOLE = "\0"
MAX_CHARACTERS = 10_000
_MAX_SHELLS = 3
_COMMENT_LINE = regex(r"^[ \t]*#.*$", re.M)
_DESCRIPTOR = regex(r"(?<=\s)\d(?=[<>])")
_VARIABLE = regex(r"\$\{(?P<braced>\w+)(?::?-[^}]*)?\}|\$(?P<plain>[A-Za-z_]\w*)|\$|`")
_ASSIGNMENT = regex(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.S)
_LONE_HOLE = regex(r"\0(?P<about>[^\0]*)\0")
_PYTHON = regex(r"(python[\d.]*|\0[^\0]*\0)")
_KEYWORDS = frozenset(
    {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec", "command", "nohup", "sudo", "env"}
)
_RUNNERS = frozenset({("poetry", "run"), ("uv", "run"), ("pipenv", "run")})
_EXECUTABLES = frozenset({"dbt", "dbt-ol"})
_SHELLS = frozenset({"bash", "sh"})


def hole(about: str = "") -> str:
    """The stand-in for a part that is not known; ``about`` is what the author calls it."""
    return f"{HOLE}{about.replace(HOLE, '')}{HOLE}"


@record
class Invocation:
    """One run of dbt. ``arguments`` come after the executable; ``folder`` is the working folder, "" when not known.

    ``variables`` are those that the command sets for dbt. It is not ``certain`` when more may be set or passed than the
    text tells.
    """

    subcommand: str
    arguments: tuple[str, ...]
    folder: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    certain: bool = True

    def option(self, name: str) -> str | None:
        """What an option is given, the last one when it is given twice."""
        value = None
        for index, word in enumerate(self.arguments):
            if word.startswith(f"{name}="):
                value = word.removeprefix(f"{name}=")
            elif word == name:
                value = self.arguments[index + 1] if index + 1 < len(self.arguments) else ""
        return value

    @property
    def text(self) -> str:
        """The command as people read it."""
        return " ".join(["dbt", *(_LONE_HOLE.sub("…", word) for word in self.arguments)])


def invocations(
    command: str, folder: str, variables: Mapping[str, str], subcommands: Collection[str], *, certain: bool = True
) -> list[Invocation]:
    """The runs of dbt in a command line that starts in ``folder`` ("" when not known) with these variables."""
    return list(_Shell(folder, dict(variables), subcommands, certain).run(command))


def invocation(
    words: Sequence[str],
    folder: str,
    variables: Mapping[str, str],
    subcommands: Collection[str],
    *,
    certain: bool = True,
) -> list[Invocation]:
    """The runs of dbt in a command given as a list of words."""
    return list(_Shell(folder, dict(variables), subcommands, certain).simple([*words]))


def dbt_invocation(
    arguments: Sequence[str], folder: str, variables: Mapping[str, str], subcommands: Collection[str], *, certain: bool
) -> Invocation | None:
    """The run that dbt's own arguments ask for; None when they name no subcommand that runs a project."""
    for index, word in enumerate(arguments):
        pair = " ".join(arguments[index : index + 2])
        found = pair if pair in subcommands else word if word in subcommands else None
        if found:
            return Invocation(
                found, tuple(arguments), folder, dict(variables), certain and not _may_hold_options(arguments)
            )
    return None


def _may_hold_options(arguments: Sequence[str]) -> bool:
    """Whether a whole word is not known and no option takes it for its value: it may be any option then."""
    return any(
        _LONE_HOLE.fullmatch(word) and not (index and arguments[index - 1].startswith("-"))
        for index, word in enumerate(arguments)
    )


@dataclass(slots=True)
class _Shell:
    """What a shell remembers from one command to the next."""

    folder: str
    variables: dict[str, str]
    subcommands: Collection[str]
    certain: bool
    depth: int = 0
    _outer: list[str] = field(default_factory=list)

    def run(self, command: str) -> Iterator[Invocation]:
        for part in _commands(command):
            if part == ["("]:
                self._outer.append(self.folder)
            elif part == [")"]:
                self.folder = self._outer.pop() if self._outer else self.folder
            else:
                yield from self.simple([self._expanded(word) for word in part])

    def simple(self, words: list[str]) -> Iterator[Invocation]:
        """One simple command, its words expanded."""
        words, own = self._prefixes(words)
        if not words:
            self.variables |= own
            return
        name, arguments = basename(words[0]), words[1:]
        if name in ("cd", "pushd"):
            self._change_folder(arguments)
        elif name in ("export", "declare"):
            self.variables |= dict(_assigned(arguments))
        elif name in ("source", ".") and not (arguments and basename(arguments[0]) == "activate"):
            self.certain = False
        elif name in _SHELLS:
            yield from self._inner_shell(arguments, own)
        elif (passed := _dbt_arguments(words)) is not None:
            found = dbt_invocation(passed, self.folder, self.variables | own, self.subcommands, certain=self.certain)
            if found:
                yield found

    def _prefixes(self, words: list[str]) -> tuple[list[str], dict[str, str]]:
        """The command without what stands before it, and the variables assigned there, which are its own."""
        own: dict[str, str] = {}
        while words:
            if words[0] in _KEYWORDS:
                words = words[1:]
            elif tuple(words[:2]) in _RUNNERS or words[0] == "timeout":
                words = words[2:]
            elif match := _ASSIGNMENT.fullmatch(words[0]):
                own[match["name"]] = match["value"]
                words = words[1:]
            else:
                break
        return words, own

    def _change_folder(self, arguments: list[str]) -> None:
        target = next((word for word in arguments if not word.startswith("-") or word == "-"), "")
        if target.startswith("/"):
            self.folder = normpath(target)
        else:
            self.folder = normpath(join(self.folder, target)) if self.folder and target not in ("", "-") else ""
        if HOLE in self.folder:
            self.folder = ""

    def _inner_shell(self, arguments: list[str], own: Mapping[str, str]) -> Iterator[Invocation]:
        for index, word in enumerate(arguments[:-1]):
            if re.fullmatch(r"-[a-z]*c", word) and self.depth < _MAX_SHELLS:
                inner = _Shell(self.folder, self.variables | dict(own), self.subcommands, self.certain, self.depth + 1)
                yield from inner.run(arguments[index + 1])
                return

    def _expanded(self, word: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match["braced"] or match["plain"] or ""
            return self.variables.get(name, hole(name))

        expanded = _VARIABLE.sub(value, word)
        home = self.variables.get("HOME")
        if home and (expanded == "~" or expanded.startswith("~/")):
            expanded = home + expanded[1:]
        if len(expanded) <= MAX_CHARACTERS:
            return expanded
        assigned = _ASSIGNMENT.fullmatch(word)
        return f"{assigned['name']}={hole()}" if assigned else hole()


def _commands(command: str) -> Iterator[list[str]]:
    """The simple commands of a line or script, with ``(`` and ``)`` of subshells between them; none when its quotes do
    not close.
    """
    words: list[str] = []
    skip = False
    for token in _tokens(command):
        if set(token) <= set(";&|()\n"):
            if words:
                yield words
            words, skip = [], False
            yield from ([mark] for mark in token if mark in "()")
        elif set(token) <= set("<>&|"):
            skip = True
        elif skip:
            skip = False
        else:
            words.append(token)
    if words:
        yield words


def _tokens(command: str) -> list[str]:
    if len(command) > MAX_CHARACTERS:
        return []
    text = replaced(command, lambda _: hole("template")).replace("\r\n", "\n").replace("\\\n", " ")
    text = _DESCRIPTOR.sub("", _COMMENT_LINE.sub("", text))
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return [token for token in lexer if token]
    except ValueError:
        return []


def _assigned(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        if match := _ASSIGNMENT.fullmatch(word):
            yield match["name"], match["value"]


def _dbt_arguments(words: Sequence[str]) -> list[str] | None:
    """What is passed to dbt, None for another program."""
    if basename(words[0]) in _EXECUTABLES:
        return list(words[1:])
    if (
        _PYTHON.fullmatch(basename(words[0]))
        and len(words) > 2
        and words[1:3] in (["-m", "dbt"], ["-m", "dbt.cli.main"])
    ):
        return list(words[3:])
    unknown = _LONE_HOLE.fullmatch(words[0])
    return list(words[1:]) if unknown and "dbt" in unknown["about"].lower() else None
