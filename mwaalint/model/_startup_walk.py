"""The way through a startup script: functions entered where they are called, conditions asked for each component."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

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
    Substitution,
    Test,
    Text,
    Word,
)
from mwaalint.model._startup_tests import matches, outcome, value
from mwaalint.model.startup import COMPONENTS, Gate, Step, program
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mwaalint.documents.shell_syntax import Assignment, Block, Branch, Part, ShellScript, Statement
    from mwaalint.source import Span

_MAX_STEPS = 5_000
_LONGEST = 2_000
_NOBODY: frozenset[str] = frozenset()


@record
class _Frame:
    """What holds for the statements of a block: who may get there, who certainly does, and in which shell."""

    components: frozenset[str] = COMPONENTS
    certain: frozenset[str] = COMPONENTS
    apart: bool = False
    tested: bool = False
    piped: bool = False
    function: str = ""
    calls: tuple[str, ...] = ()

    def only(self, components: frozenset[str], certain: frozenset[str]) -> _Frame:
        return replace(self, components=self.components & components, certain=self.certain & certain)


@dataclass(slots=True)
class Walk:
    """Collects the steps of a script. A statement answers with the components that certainly leave the script there."""

    container: Mapping[str, str]
    steps: list[Step] = field(default_factory=list)
    gates: list[Gate] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    _words: dict[str, Word] = field(default_factory=dict)
    _functions: dict[str, Block] = field(default_factory=dict)
    _assigned: list[str] = field(default_factory=list)
    _exports_all: bool = False

    def script(self, document: ShellScript) -> None:
        """Goes through a script, up to the first place that is not shell: bash stops there as well."""
        end = document.error.start if document.error else None
        self._block([one for one in document.body if end is None or one.span.end < end], _Frame())

    def _block(self, block: Iterable[Statement], frame: _Frame) -> frozenset[str]:
        gone = _NOBODY
        for statement in block:
            here = frame.only(frame.components - gone, frame.certain - gone)
            if not here.components or len(self.steps) > _MAX_STEPS:
                break
            gone |= self._statement(statement, here)
        return gone

    def _statement(self, statement: Statement, frame: _Frame) -> frozenset[str]:
        match statement:
            case Command():
                return self._command(statement, frame)
            case Declaration():
                self._declaration(statement, frame)
            case Test():
                self._step(statement, frame)
            case Chain():
                return self._chain(statement, frame)
            case If():
                return self._if(statement, frame)
            case Case():
                return self._case(statement, frame)
            case Group(subshell=False):
                return self._block(statement.body, frame)
            case Function():
                self._functions[statement.name] = statement.body
            case _:
                self._apart(statement, frame)
        return _NOBODY

    def _apart(self, statement: Statement, frame: _Frame) -> None:
        """What cannot make the script end, whatever it does."""
        match statement:
            case Group():
                self._perhaps(statement.body, replace(frame, apart=True))
            case Background():
                self._perhaps([statement.statement], replace(frame, apart=True, tested=True))
            case Negated():
                self._statement(statement.statement, replace(frame, tested=True))
            case Pipeline():
                *before, last = statement.statements
                for each in before:
                    self._perhaps([each], replace(frame, apart=True, piped=True))
                self._perhaps([last], replace(frame, apart=bool(before) or frame.apart))
            case Loop():
                self._block(statement.condition, replace(frame, tested=True))
                self.names.add(statement.variable)
                self._forget(statement.variable)
                self._perhaps(statement.body, frame.only(frame.components, _NOBODY))
            case _:
                pass

    def _command(self, command: Command, frame: _Frame) -> frozenset[str]:
        words = tuple(self._expanded(command.words))
        step = self._step(command, frame, words)
        if not words or step.program is None:
            self._assign(command)
            return _NOBODY
        name = step.program.name
        if name in self._functions and not step.program.before and name not in frame.calls:
            inner = replace(frame, function=name, calls=(*frame.calls, name))
            return self._block(self._functions[name], inner)
        if name in ("read", "getopts", "mapfile", "readarray", "printf", "source", "."):
            self.names |= set(step.program.arguments)
        if name == "set":
            self._set(step.program.arguments, frame)
        leaves = name == "exit" or (name == "return" and not frame.function)
        return frame.certain if leaves and not frame.apart else _NOBODY

    def _set(self, arguments: tuple[str, ...], frame: _Frame) -> None:
        for index, word in enumerate(arguments):
            named = word in ("-o", "+o") and arguments[index + 1 : index + 2] == ("allexport",)
            if not frame.apart and (named or (word[:1] in "-+" and "a" in word[1:] and word.isascii())):
                self._exports_all = word.startswith("-")

    def _declaration(self, declaration: Declaration, frame: _Frame) -> None:
        self._step(declaration, frame)
        self._assign(declaration)

    def _assign(self, statement: Command | Declaration) -> None:
        """Remembers what variables hold from here on."""
        items = statement.items if isinstance(statement, Declaration) else statement.assignments
        keyword = statement.keyword if isinstance(statement, Declaration) else ""
        self.names |= {item.name for item in items}
        for item in items:
            if item.value is None and keyword not in ("", "unset"):
                continue
            self._assigned.append(item.name)
            self._forget(item.name)
            if item.value is not None and not item.append:
                self.values[item.name] = self._text(item.value)
                self._words[item.name] = item.value

    def _perhaps(self, block: Iterable[Statement], frame: _Frame) -> frozenset[str]:
        """A block that does not always run, or in another shell: what it sets is not known after it."""
        mark = len(self._assigned)
        gone = self._block(block, frame)
        for name in self._assigned[mark:]:
            self._forget(name)
        return gone

    def _text(self, word: Word) -> str:
        return "".join(self._pieces(word.parts))[:_LONGEST]

    def _forget(self, name: str) -> None:
        self.values.pop(name, None)
        self._words.pop(name, None)

    def _chain(self, chain: Chain, frame: _Frame) -> frozenset[str]:
        """``a && b || c``: each runs where the result so far asks for it."""
        so_far = self._outcomes(chain.first)
        gone = self._statement(chain.first, replace(frame, tested=True))
        for index, (operator, statement) in enumerate(chain.rest):
            wanted = operator == "&&"
            may = frozenset(c for c in COMPONENTS if so_far[c] is not (not wanted)) - gone
            certainly = frozenset(c for c in may if so_far[c] is wanted)
            last = index == len(chain.rest) - 1
            inner = frame.only(may, certainly)
            if so_far != dict.fromkeys(COMPONENTS, so_far["worker"]):
                self._gate(chain.first.span, {c: 0 if so_far[c] is wanted else -1 for c in COMPONENTS}, ((statement,),))
            if inner.components:
                gone |= self._perhaps([statement], inner if last else replace(inner, tested=True))
            then = self._outcomes(statement)
            so_far = {c: then[c] if so_far[c] is wanted else (so_far[c] if c not in may else None) for c in COMPONENTS}
        return gone

    def _if(self, statement: If, frame: _Frame) -> frozenset[str]:
        may, certain, gone = frame.components, frame.certain, _NOBODY
        asked: list[Mapping[str, bool | None]] = []
        for branch in statement.branches:
            self._block(branch.condition, replace(frame.only(may, certain), tested=True))
            answers = self._answers(branch)
            asked.append(answers)
            yes = frozenset(c for c in may if answers[c] is not False)
            surely = frozenset(c for c in certain if answers[c] is True)
            gone |= self._perhaps(branch.body, frame.only(yes, surely)) & surely
            may, certain = (
                may - frozenset(c for c in may if answers[c]),
                certain & frozenset(c for c in certain if answers[c] is False),
            )
        gone |= self._perhaps(statement.otherwise or (), frame.only(may, certain))
        self._gate_of_if(statement, asked)
        return gone

    def _gate_of_if(self, statement: If, asked: list[Mapping[str, bool | None]]) -> None:
        bodies = tuple(branch.body for branch in statement.branches)
        if statement.otherwise is not None:
            bodies = (*bodies, statement.otherwise)
        arms: dict[str, int] = {}
        for component in COMPONENTS:
            for index, answers in enumerate(asked):
                if answers[component] is None:
                    return
                if answers[component]:
                    arms[component] = index
                    break
            else:
                arms[component] = len(asked) if statement.otherwise is not None else -1
        self._gate(
            statement.branches[0].condition[0].span if statement.branches[0].condition else statement.span, arms, bodies
        )

    def _gate(self, span: Span, arms: Mapping[str, int], bodies: tuple[Block, ...]) -> None:
        if len(set(arms.values())) > 1:
            self.gates.append(Gate(span, arms, bodies))

    def _case(self, statement: Case, frame: _Frame) -> frozenset[str]:
        may, certain, gone = frame.components, frame.certain, _NOBODY
        arms = dict.fromkeys(COMPONENTS, -1)
        known = True
        for index, arm in enumerate(statement.arms):
            answers = {c: self._matched(statement.subject, arm.patterns, c) for c in COMPONENTS}
            known = known and None not in answers.values()
            yes = frozenset(c for c in may if answers[c] is not False)
            surely = frozenset(c for c in certain if answers[c] is True)
            gone |= self._perhaps(arm.body, frame.only(yes, surely)) & surely
            arms |= {c: index for c in may if answers[c]}
            may = may - frozenset(c for c in may if answers[c])
            certain = frozenset(c for c in certain if answers[c] is False)
        if known:
            self._gate(statement.subject.span, arms, tuple(arm.body for arm in statement.arms))
        return gone

    def _matched(self, subject: Word, patterns: tuple[Word, ...], component: str) -> bool | None:
        ask = self._asking(component)
        answers = [matches(ask(subject), pattern, ask) for pattern in patterns]
        if True in answers:
            return True
        return None if None in answers else False

    def _answers(self, branch: Branch) -> Mapping[str, bool | None]:
        return self._outcomes(branch.condition[-1]) if branch.condition else dict.fromkeys(COMPONENTS)

    def _outcomes(self, statement: Statement) -> dict[str, bool | None]:
        return {component: outcome(statement, self._asking(component)) for component in COMPONENTS}

    def _asking(self, component: str) -> Callable[[Word], str | None]:
        return lambda word: value(word, component, self._words)

    def _step(self, statement: Command | Declaration | Test, frame: _Frame, words: tuple[str, ...] = ()) -> Step:
        for inner in _substitutions(statement):
            self._perhaps(inner.body, replace(frame, apart=True, tested=True))
        keyword = statement.keyword if isinstance(statement, Declaration) else ""
        exports = keyword == "export" and "-n" not in statement.options if isinstance(statement, Declaration) else False
        if isinstance(statement, Declaration) and keyword in ("declare", "typeset", "readonly", "local"):
            exports = any(word.startswith("-") and "x" in word for word in statement.options)
        step = Step(
            statement=statement,
            program=program(words),
            components=frame.components,
            certain=frame.certain,
            apart=frame.apart,
            tested=frame.tested,
            piped=frame.piped,
            exports=exports or self._exports_all,
            function=frame.function,
            values={item.name: self._text(item.value) for item in _set_by(statement) if item.value is not None},
        )
        self.steps.append(step)
        return step

    def _expanded(self, words: Iterable[Word]) -> Iterator[str]:
        for word in words:
            pieces = list(self._pieces(word.parts))
            text = "".join(pieces)[:_LONGEST]
            split = any(isinstance(part, Expansion) and not part.quoted for part in word.parts)
            if split and " " in text and "${" not in text:
                yield from text.split()
            else:
                yield text

    def _pieces(self, parts: Iterable[Part]) -> Iterator[str]:
        for part in parts:
            match part:
                case Text(value=text):
                    yield text
                case Expansion(name=name, operator="", argument=None):
                    known = self.values.get(name, self.container.get(name))
                    yield known if known is not None else f"${{{name}}}"
                case Expansion(name=name):
                    yield f"${{{name}}}"
                case Placeholder(expression=expression):
                    yield f"${{{expression}}}"
                case Substitution():
                    yield "$(…)"
                case _:
                    yield "$((…))"


def _set_by(statement: Command | Declaration | Test) -> tuple[Assignment, ...]:
    """The assignments in a statement, those before a command's words included."""
    if isinstance(statement, Declaration):
        return statement.items
    return statement.assignments if isinstance(statement, Command) else ()


def _substitutions(statement: Command | Declaration | Test) -> Iterator[Substitution]:
    """The commands inside of a statement's words, those of a test aside."""
    words = [item.value for item in _set_by(statement) if item.value]
    if isinstance(statement, Command):
        words += statement.words
        words += [each.target for each in statement.redirections if each.target]
    for word in words:
        for part in word.parts:
            if isinstance(part, Substitution):
                yield part
