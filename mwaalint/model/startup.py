"""The startup script of a deployment: what it runs, in order, and in which of MWAA's containers.

MWAA sources the script with bash in every container. What a script does is followed through its functions and
conditions as far as its text tells; nothing is run.
"""

from __future__ import annotations

from dataclasses import field
from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.records import record
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mwaalint.documents.shell_syntax import Assignment, ShellScript, Statement
    from mwaalint.findings import Location
    from mwaalint.model.environment import Environment
    from mwaalint.source import SourceFile, Span

# The values of MWAA_AIRFLOW_COMPONENT. "hybrid" is scheduler and worker in one container, as mw1.micro has them.
COMPONENTS = frozenset({"scheduler", "worker", "webserver", "hybrid"})
COMPONENT = "MWAA_AIRFLOW_COMPONENT"


class Program(NamedTuple):
    """What a command starts once ``sudo``, ``env`` and their like are taken off.

    ``name`` is the program without its folder, ``path`` as it is called, ``arguments`` with known variables filled in
    (``${name}`` stands for one that is not known). ``before`` are the words that were taken off.
    """

    name: str
    path: str
    arguments: tuple[str, ...]
    before: tuple[str, ...] = ()

    @property
    def operands(self) -> tuple[str, ...]:
        """The arguments that are no options."""
        return tuple(word for word in self.arguments if not word.startswith("-"))

    def has_option(self, *names: str) -> bool:
        """Whether one of the options is given, by itself or with its value."""
        return any(word == name or word.startswith(f"{name}=") for word in self.arguments for name in names)


@record
class Step:
    """One command or assignment on the way through the script.

    ``components`` are the containers that may get there, ``certain`` those that do. ``apart`` says that it runs in a
    shell of its own, ``tested`` that no shell ends when it fails, ``piped`` that another command reads its output.
    ``exports`` is about its assignments, and ``values`` what they set (``${name}`` stands for what is not known).
    ``function`` is the function it stands in.
    """

    statement: Statement
    program: Program | None
    components: frozenset[str]
    certain: frozenset[str]
    apart: bool = False
    tested: bool = False
    piped: bool = False
    exports: bool = False
    function: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def span(self) -> Span:
        return self.statement.span

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """The variables that the step sets for what comes after it."""
        from mwaalint.documents.shell_syntax import Command, Declaration

        if isinstance(self.statement, Declaration) and self.statement.keyword != "unset":
            return self.statement.items
        if isinstance(self.statement, Command) and not self.statement.words:
            return self.statement.assignments
        return ()


class Gate(NamedTuple):
    """A condition on the component: what it asks, and which arm (counted from 0, -1 for none) a component takes."""

    span: Span
    arms: Mapping[str, int]
    bodies: tuple[tuple[Statement, ...], ...]


@record
class StartupScript:
    """A startup script that was read. ``values`` are what its variables hold in the end, where that is known;
    ``names`` are all variables that it sets anywhere.
    """

    document: ShellScript
    steps: tuple[Step, ...]
    gates: tuple[Gate, ...]
    values: Mapping[str, str]
    names: frozenset[str]
    environment: Environment | None = None

    @property
    def file(self) -> SourceFile:
        return self.document.file

    @property
    def own(self) -> Iterator[Step]:
        """The steps in the shell that MWAA reads the environment of."""
        return (step for step in self.steps if not step.apart)

    def location(self, span: Span, symbol: str = "") -> Location:
        """A place in the script."""
        from mwaalint.findings import Location

        return Location(self.file.path, span, symbol)

    def outcome(self, statement: Statement) -> bool | None:
        """Whether a statement succeeds by its text alone; None when that is seen at run time only."""
        from mwaalint.model._startup_tests import outcome

        return outcome(statement, lambda word: word.literal)

    def text(self, span: Span) -> str:
        """What is written there, on one line and not too long."""
        text = " ".join(self.file.slice(span).replace("\\\n", " ").replace("\\\r\n", " ").split())
        return text if len(text) <= 80 else f"{text[:77]}..."


def read_startup(document: ShellScript, environment: Environment | None, variables: Mapping[str, str]) -> StartupScript:
    """Follows a script through. ``variables`` are those that MWAA's containers have."""
    from mwaalint.model._startup_walk import Walk

    walk = Walk(variables)
    walk.script(document)
    return StartupScript(
        document, tuple(walk.steps), tuple(walk.gates), walk.values, frozenset(walk.names), environment
    )


def exported_names(file: SourceFile) -> frozenset[str] | None:
    """The variables that a script exports, be it under a condition; None for what is not shell all through."""
    from mwaalint.documents import shell

    try:
        document = shell.parse(file)
    except UnreadableFileError:
        return None
    if document.error is not None:
        return None
    steps = read_startup(document, None, {}).own
    return frozenset(item.name for step in steps if step.exports for item in step.assignments)


def program(words: tuple[str, ...]) -> Program | None:
    """The program that a command's words start; None where there is none, or the text does not tell which."""
    before: list[str] = []
    rest = list(words)
    while rest:
        taken = _prefix(rest)
        if not taken:
            break
        before += rest[:taken]
        rest = rest[taken:]
    if not rest:
        return Program(words[0], words[0], words[1:]) if words else None
    return Program(basename(rest[0]), rest[0], tuple(rest[1:]), tuple(before))


_WITH_VALUE = {
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-r", "-t", "--user", "--group"}),
    "env": frozenset({"-u", "--unset", "-C", "--chdir"}),
    "nice": frozenset({"-n"}),
    "ionice": frozenset({"-c", "-n"}),
    "timeout": frozenset({"-s", "-k", "--signal", "--kill-after"}),
    "time": frozenset({"-f", "-o"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "nohup": frozenset(),
    "command": frozenset(),
    "builtin": frozenset(),
}


def _prefix(words: list[str]) -> int:
    """How many words stand before the program that a prefix runs; 0 when the first word is the program itself."""
    with_value = _WITH_VALUE.get(basename(words[0]))
    if with_value is None:
        return 0
    at = 1
    while at < len(words) and words[at].startswith("-"):
        if words[0] == "command" and words[at] in ("-v", "-V"):
            return 0
        at += 2 if words[at] in with_value else 1
    if basename(words[0]) in ("sudo", "env"):
        while at < len(words) and "=" in words[at]:
            at += 1
    return at + 1 if basename(words[0]) == "timeout" else at
