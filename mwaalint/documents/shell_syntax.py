"""The typed tree of a shell script: commands of words, assignments, tests, and what holds them, each with its place."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.source import SourceFile, Span


class Text(NamedTuple):
    """Letters that stand for themselves, their quotes and backslashes removed."""

    value: str
    span: Span
    quoted: bool = False


class Placeholder(NamedTuple):
    """``${expression}`` of a template that Terraform renders: no variable of the shell."""

    expression: str
    span: Span


class Unread(NamedTuple):
    """A part that is not analyzed: arithmetic, a pattern operator, what is nested too deeply."""

    span: Span


@record
class Expansion:
    """``$name`` or ``${name<operator>argument}``; ``argument`` is None without an operator. ``$1`` and ``$@`` too."""

    name: str
    span: Span
    quoted: bool = False
    operator: str = ""
    argument: Word | None = None


@record
class Substitution:
    """``$(commands)``, backticks, or ``<(commands)`` with ``process`` set."""

    body: Block
    span: Span
    quoted: bool = False
    process: bool = False


@record
class Word:
    """One word: its parts in order, none for an empty string."""

    parts: tuple[Part, ...]
    span: Span

    @property
    def literal(self) -> str | None:
        """The word where it is plain text, None where something is put in at run time."""
        texts = [part.value for part in self.parts if isinstance(part, Text)]
        return "".join(texts) if len(texts) == len(self.parts) else None


@record
class Assignment:
    """``name=value`` or ``name+=value``; ``value`` is None for a bare name after ``export`` and for an array."""

    name: str
    value: Word | None
    span: Span
    append: bool = False


@record
class Redirection:
    """``2>> file``; for ``<<`` and ``<<<`` the target is the text itself."""

    operator: str
    target: Word | None
    span: Span


@record
class Command:
    """A simple command: assignments before it, words, redirections. Without words it only redirects."""

    words: tuple[Word, ...]
    span: Span
    assignments: tuple[Assignment, ...] = ()
    redirections: tuple[Redirection, ...] = ()


@record
class Declaration:
    """Variables that are set: ``A=1 B=2`` (no keyword), ``export A=1 B``, ``declare -x A``, ``unset A``."""

    keyword: str
    options: tuple[str, ...]
    items: tuple[Assignment, ...]
    span: Span


@record
class Compare:
    """``left <operator> right`` of a test; the operator is ``==``, ``=``, ``!=``, ``=~``, ``-eq`` and their like."""

    left: Word
    operator: str
    right: Word
    span: Span


@record
class Ask:
    """``-f word``, ``-z word``, or a lone word with no operator."""

    operator: str
    word: Word
    span: Span


@record
class Not:
    """``! test``."""

    operand: Condition
    span: Span


@record
class Both:
    """Two tests with ``&&`` or ``||`` between them (``-a`` and ``-o`` are written so, too)."""

    left: Condition
    operator: str
    right: Condition
    span: Span


@record
class Test:
    """``[[ … ]]``, ``[ … ]`` or ``(( … ))``."""

    condition: Condition
    span: Span


@record
class Pipeline:
    """Commands whose output is the next one's input."""

    statements: Block
    span: Span


@record
class Chain:
    """``first && second || third``: the first statement, and each other one with the operator before it."""

    first: Statement
    rest: tuple[tuple[str, Statement], ...]
    span: Span


@record
class Negated:
    """``! statement``."""

    statement: Statement
    span: Span


@record
class Background:
    """``statement &``."""

    statement: Statement
    span: Span


@record
class Branch:
    """``if`` or ``elif``: the commands that are asked, and those that run when the last of them succeeds."""

    condition: Block
    body: Block
    span: Span


@record
class If:
    """``if … elif … else … fi``; ``otherwise`` is None without ``else``."""

    branches: tuple[Branch, ...]
    otherwise: Block | None
    span: Span


@record
class Arm:
    """One arm of a case: its patterns, and the commands."""

    patterns: tuple[Word, ...]
    body: Block
    span: Span


@record
class Case:
    """``case subject in … esac``."""

    subject: Word
    arms: tuple[Arm, ...]
    span: Span


@record
class Loop:
    """``for``, ``while``, ``until`` or ``select``; ``words`` are those a ``for`` goes through."""

    keyword: str
    variable: str
    words: tuple[Word, ...]
    condition: Block
    body: Block
    span: Span


@record
class Function:
    """A function's definition."""

    name: str
    body: Block
    span: Span


@record
class Group:
    """``{ … }``, or ``( … )`` in a shell of its own, with the redirections of all of it."""

    body: Block
    span: Span
    subshell: bool = False
    redirections: tuple[Redirection, ...] = ()


Part = Text | Placeholder | Unread | Expansion | Substitution
Condition = Compare | Ask | Not | Both | Unread
Statement = (
    Command
    | Declaration
    | Test
    | Pipeline
    | Chain
    | Negated
    | Background
    | If
    | Case
    | Loop
    | Function
    | Group
    | Unread
)
Block = tuple[Statement, ...]


def inside(block: Block) -> Iterator[Statement]:
    """Every statement of a block and of the blocks in it, those in words aside."""
    stack: list[Statement] = [*reversed(block)]
    while stack:
        statement = stack.pop()
        yield statement
        stack += reversed([*_directly_inside(statement)])


def _directly_inside(statement: Statement) -> Iterator[Statement]:
    match statement:
        case Pipeline(statements=block) | Group(body=block) | Function(body=block):
            yield from block
        case Chain(first=first, rest=rest):
            yield first
            yield from (each for _, each in rest)
        case Negated(statement=one) | Background(statement=one):
            yield one
        case If(branches=branches, otherwise=otherwise):
            for branch in branches:
                yield from (*branch.condition, *branch.body)
            yield from otherwise or ()
        case Case(arms=arms):
            for arm in arms:
                yield from arm.body
        case Loop(condition=condition, body=block):
            yield from (*condition, *block)
        case _:
            pass


@record
class ShellScript:
    """One script: its statements, and the first place that is not shell as far as the grammar knows it."""

    file: SourceFile = field(compare=False, repr=False)
    body: Block
    error: Span | None = None
