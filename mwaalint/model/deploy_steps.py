"""What a repository runs to deploy: the commands of its scripts, Makefiles, CI files and provisioners, one by one.

Commands are read, not run: with the variables that their script sets to plain text, and in the folder that it is in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from mwaalint.documents import script_parts
from mwaalint.documents.shell_syntax import (
    Background,
    Case,
    Chain,
    Command,
    Declaration,
    Expansion,
    Function,
    Group,
    If,
    Loop,
    Negated,
    Pipeline,
    Placeholder,
    Test,
    Text,
)
from mwaalint.documents.yaml_nodes import Mapping, Scalar
from mwaalint.findings import Location
from mwaalint.model.deploy_commands import DeployStep, DeploySteps
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.documents.script_parts import Part
    from mwaalint.documents.shell_syntax import Block, Statement, Word
    from mwaalint.source import SourceFile

# A file without any of these deploys nothing to MWAA that a rule asks about.
WORDS = (b"aws", b"zip")
# What only names a command or shows it.
_SHOWING = frozenset({"echo", "printf", "log", "info", "warn", "warning", "error", "print", "aws"})
_BEFORE = frozenset({"sudo", "time", "exec", "command", "nice", "nohup"})
_MAKE_ASSIGNMENT = regex(r"^(?:export\s+)?(\w+)\s*[:?]?=\s*([^\s$#`\"']+)\s*(?:#.*)?$", re.M)
_SOURCES = regex(r"^_*(?:env|vars|inputs|secrets|var|local)_(\w+?)_*$")
_FOLDER_KEYS = ("working-directory", "working_directory", "workingDirectory", "dir")


def read_steps(files: Sequence[SourceFile], words: tuple[bytes, ...] = WORDS) -> DeploySteps:
    """The deploy steps of some files. Scripts without any of the words are passed over."""
    steps: list[DeployStep] = []
    for number, (file, part) in enumerate((each, part) for each in files for part in _parts(each, words)):
        steps += _Walk(file, part, number).steps()
    return DeploySteps(tuple(steps))


def _parts(file: SourceFile, words: tuple[bytes, ...]) -> Iterator[Part]:
    try:
        data = file.data
    except UnreadableFileError:
        return
    if file.path.endswith((".tf", ".hcl")) and b"local-exec" not in data:
        return
    if any(word in data for word in words):
        yield from script_parts.parts(file, words)


@dataclass
class _Walk:
    """Goes through one script with what it knows by then: the folder, and the variables that are plain text."""

    file: SourceFile
    part: Part
    number: int
    folder: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    pushed: list[str | None] = field(default_factory=list)

    def steps(self) -> Iterator[DeployStep]:
        self.folder = self._first_folder()
        if not self.file.path.endswith((".sh", ".bash", ".yml", ".yaml")):
            self.variables |= dict(_MAKE_ASSIGNMENT.findall(self.file.text))
        for mapping in self.part.around:
            for key in ("env", "variables"):
                if isinstance(values := mapping.get(key), Mapping):
                    self.variables |= {
                        each.key: each.value.text
                        for each in values.entries
                        if isinstance(each.value, Scalar) and "$" not in each.value.text
                    }
        yield from self._block(self.part.script.body, conditional=False)

    def _first_folder(self) -> str | None:
        if self.part.around:
            return _stated_folder(self.part.around)
        # A script is called from its own folder or from the root, and Terraform from anywhere.
        folder = dirname(self.file.path)
        return folder if not folder or not self.file.path.endswith((".sh", ".bash", ".tf", ".hcl")) else None

    def _block(self, block: Block, *, conditional: bool) -> Iterator[DeployStep]:
        for statement in block:
            yield from self._statement(statement, conditional=conditional)

    def _statement(self, statement: Statement, *, conditional: bool) -> Iterator[DeployStep]:
        match statement:
            case Command():
                yield from self._command(statement, conditional=conditional)
            case Declaration(items=items):
                for item in items:
                    self.variables.pop(item.name, None)
                    if item.value is not None and "$" not in (text := self._text(item.value)):
                        self.variables[item.name] = text
            case Group(body=body, subshell=subshell):
                before = self.folder
                yield from self._block(body, conditional=conditional)
                self.folder = before if subshell else self.folder
            case Chain(first=first, rest=rest):
                yield from self._statement(first, conditional=conditional)
                tested = conditional or isinstance(first, Test) or _asks(first)
                for operator, each in rest:
                    yield from self._statement(each, conditional=tested or operator == "||")
            case _:
                yield from self._compound(statement, conditional=conditional)

    def _compound(self, statement: Statement, *, conditional: bool) -> Iterator[DeployStep]:
        match statement:
            case Pipeline(statements=body):
                yield from self._block(body, conditional=conditional)
            case Function(body=body):
                before, self.folder = self.folder, None
                yield from self._block(body, conditional=True)
                self.folder = before
            case Negated(statement=one) | Background(statement=one):
                yield from self._statement(one, conditional=conditional)
            case If(branches=branches, otherwise=otherwise):
                for branch in branches:
                    yield from self._block(branch.condition, conditional=conditional)
                    yield from self._block(branch.body, conditional=True)
                yield from self._block(otherwise or (), conditional=True)
            case Case(arms=arms):
                for arm in arms:
                    yield from self._block(arm.body, conditional=True)
            case Loop(condition=condition, body=body, variable=variable):
                self.variables.pop(variable, None)
                yield from self._block((*condition, *body), conditional=True)
            case _:
                pass

    def _command(self, command: Command, *, conditional: bool) -> Iterator[DeployStep]:
        words = tuple(self._text(word) for word in command.words)
        words = words[_prefix(words) :]
        if not words or not words[0]:
            return
        if words[0] in ("cd", "pushd", "popd"):
            self._change_folder(words)
            return
        start, end = command.words[0].span.start, command.words[-1].span.end
        symbol = " ".join([basename(words[0]), *(word for word in words[1:4] if not word.startswith("-"))])
        location = Location(self.file.path, type(command.span)(start, end), symbol=symbol)
        yield DeployStep(words, location, self.file, command, self.folder, self.number, conditional, self.part.around)

    def _change_folder(self, words: tuple[str, ...]) -> None:
        if words[0] == "popd":
            self.folder = self.pushed.pop() if self.pushed else None
            return
        if words[0] == "pushd":
            self.pushed.append(self.folder)
        target = next((word for word in words[1:] if not word.startswith("-")), "")
        if not target or "$" in target or target.startswith(("/", "~")) or self.folder is None:
            # "plugins" below a folder that nobody knows is still a folder of that name.
            known = target and "$" not in target and not target.startswith(("..", "~", "/"))
            self.folder = f"?/{normpath(target)}" if known and target not in (".", "-") else None
            return
        joined = normpath(f"{self.folder}/{target}" if self.folder else target)
        self.folder = "" if joined == "." else joined

    def _text(self, word: Word) -> str:
        pieces = []
        for part in word.parts:
            match part:
                case Text(value=value):
                    pieces.append(value)
                case Expansion(name=name, operator=""):
                    plain = match_[1] if (match_ := _SOURCES.match(name)) else name.strip("_") or name
                    pieces.append(self.variables.get(plain, f"${{{plain}}}"))
                case Expansion(name=name):
                    pieces.append(f"${{{name}}}")
                case Placeholder(expression=expression):
                    pieces.append(f"${{{expression}}}")
                case _:
                    pieces.append("${}")
        return "".join(pieces)


def _prefix(words: tuple[str, ...]) -> int:
    """How many words stand in front of the command itself: ``sudo``, or a program that runs others."""
    count = 0
    while count < len(words) and words[count] in _BEFORE:
        count += 1
    if count < len(words) and basename(words[count]) not in _SHOWING:
        for index, (word, following) in enumerate(pairwise(words)):
            if index > count and word == "aws" and following in ("s3", "mwaa"):
                return index
    return count


def _asks(statement: Statement) -> bool:
    """Whether a command only answers a question: what follows it with ``&&`` runs now and then."""
    if not isinstance(statement, Command) or not statement.words:
        return isinstance(statement, Negated | Chain)
    return statement.words[0].literal in ("test", "[", "git", "grep", "diff", "cmp", "which")


def _stated_folder(around: tuple[Mapping, ...]) -> str | None:
    """The folder that a CI file says its script runs in: the innermost goes first."""
    folder = ""
    for mapping in around:
        defaults = mapping.get("defaults")
        run = defaults.get("run") if isinstance(defaults, Mapping) else None
        for holder in (run, mapping):
            for key in _FOLDER_KEYS:
                stated = holder.get(key) if isinstance(holder, Mapping) else None
                if isinstance(stated, Scalar):
                    folder = stated.text
    if "$" in folder or folder.startswith(("/", "~")):
        return None
    joined = normpath(folder) if folder else ""
    return "" if joined == "." else joined
