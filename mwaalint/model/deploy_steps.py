"""What a repository runs to deploy: the commands of its scripts, Makefiles, CI files and provisioners, one by one.

Commands are read, not run: with the variables that their script sets to plain text, and in the folder that it is in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING, NamedTuple

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
_MAKE_ASSIGNMENT = re.compile(r"^(?:export\s+)?(\w+)\s*[:?]?=\s*([^\s$#`\"']+)\s*(?:#.*)?$", re.M)
_SOURCES = re.compile(r"^_*(?:env|vars|inputs|secrets|var|local)_(\w+?)_*$")
_FOLDER_KEYS = ("working-directory", "working_directory", "workingDirectory", "dir")


class DeployStep(NamedTuple):
    """One command. ``words`` are its words, quotes removed, with ``${name}`` for what is not known.

    ``folder`` is where it runs, relative to the project's root, None when that cannot be told. ``script`` is the same
    for the commands of one script, in order. ``conditional`` tells that the script does not always get there.
    ``around`` are the mappings of the CI file that it stands in, the outermost first.
    """

    words: tuple[str, ...]
    location: Location
    file: SourceFile
    command: Command
    folder: str | None
    script: int
    conditional: bool
    around: tuple[Mapping, ...] = ()

    @property
    def program(self) -> str:
        """The program without its folder."""
        return basename(self.words[0])

    def is_call(self, *words: str) -> bool:
        """Whether the command starts with these words, options such as ``aws --profile NAME s3`` aside."""
        return self.operands[: len(words)] == words

    @property
    def operands(self) -> tuple[str, ...]:
        """The program and what follows it that is neither an option nor an option's value."""
        found, skip = [self.program], False
        for word in self.words[1:]:
            if skip:
                skip = False
            elif word.startswith("-"):
                skip = word in _WITH_VALUE
            else:
                found.append(word)
        return tuple(found)

    def has(self, option: str) -> bool:
        """Whether an option is given, by itself or with its value behind ``=``."""
        return any(word == option or word.startswith(f"{option}=") for word in self.words)


# Options of the AWS CLI that have a value.
_WITH_VALUE = frozenset(
    {
        *("--acl", "--cache-control", "--content-type", "--endpoint-url", "--exclude", "--include", "--metadata"),
        *("--output", "--profile", "--query", "--region", "--sse", "--sse-kms-key-id", "--storage-class", "--name"),
        *("--cli-read-timeout", "--cli-connect-timeout", "--grants", "--expires", "--content-encoding", "--page-size"),
    }
)


@dataclass(frozen=True, slots=True)
class DeploySteps:
    """All commands that deploy, file by file, in order."""

    steps: tuple[DeployStep, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)

    def calls(self, *words: str) -> Iterator[DeployStep]:
        """The steps that start with these words."""
        return (step for step in self.steps if step.is_call(*words))


def read_steps(files: Sequence[SourceFile]) -> DeploySteps:
    """The deploy steps of some files."""
    steps: list[DeployStep] = []
    for number, (file, part) in enumerate((each, part) for each in files for part in _parts(each)):
        steps += _Walk(file, part, number).steps()
    return DeploySteps(tuple(steps))


def _parts(file: SourceFile) -> Iterator[Part]:
    try:
        data = file.data
    except UnreadableFileError:
        return
    if file.path.endswith((".tf", ".hcl")) and b"local-exec" not in data:
        return
    if any(word in data for word in WORDS):
        yield from script_parts.parts(file, WORDS)


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
