"""MW602: a script that lets MWAA's own shell end when a command fails or a variable is not set."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import older_wrapper, replaced, table, without_line
from mwaalint.documents.shell_syntax import (
    Ask,
    Both,
    Chain,
    Command,
    Compare,
    Declaration,
    Expansion,
    Group,
    If,
    Not,
    Substitution,
    Test,
)
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.startup import StartupScript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.shell_syntax import Block, Condition, Statement, Word
    from mwaalint.model.startup import Step
    from mwaalint.source import Span

_LETTERS = {"e": "errexit", "u": "nounset"}
_NEVER_FAIL = frozenset(
    {
        *(":", "true", "echo", "printf", "export", "set", "shopt", "unset", "trap", "alias", "umask", "sleep", "date"),
        *("return", "exit", "hash", "wait", "pwd", "local"),
    }
)
# Set by bash itself, or by MWAA for what it runs.
_SET_ANYWAY = ("AIRFLOW__", "MWAA__", "BASH", "AWS_", "ECS_")
_SET_BY_BASH = frozenset({"PWD", "SHLVL", "UID", "EUID", "PPID", "RANDOM", "SECONDS", "LINENO", "OSTYPE", "IFS"})
_GUARDS = frozenset({":-", "-", ":=", "=", ":+", "+"})


class _Reason(NamedTuple):
    """Why the shell may end: the ``set`` that asks for it, the place, and the variable when it is one."""

    by: Step
    at: Span
    variable: str = ""


@check("MW602", on=StartupScript)
def startup_set_e(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports the ``set`` once, with the first command that may fail under it."""
    reason = None if older_wrapper(ctx) else _reason(script, ctx)
    if reason is None:
        return
    option = "nounset" if reason.variable else "errexit"
    yield ctx.report(
        script.location(reason.by.span, option),
        "unset" if reason.variable else "default",
        related=[script.location(reason.at).noted("when this fails, MWAA's shell ends")],
        fix=_fix(script, reason.by),
        written=script.text(reason.by.span),
        command=script.text(reason.at),
        line=script.file.position(reason.at.start).line,
        variable=reason.variable,
        subject=option,
    )


def _reason(script: StartupScript, ctx: Context) -> _Reason | None:
    own: dict[str, Step] = {}
    active = own
    called = {step.function for step in script.steps}
    known = {*table(ctx)["container"], *_SET_BY_BASH, *script.names}
    sources = any(step.program and step.program.name in ("source", ".") for step in script.steps)
    for step in script.steps:
        changes = _changes(step)
        # A subshell starts with the shell's options, and what it changes ends with it.
        before = active if step.apart else own
        active = {name: by for name, by in before.items() if changes.get(name) is not False}
        active |= {name: step for name, on in changes.items() if on and not step.apart}
        own = own if step.apart else active
        if "errexit" in active and not changes and _may_fail(step, called, pipefail="pipefail" in active):
            return _Reason(active["errexit"], step.span)
        if "nounset" in active and not sources and not step.apart and (name := _unset(step, known)):
            return _Reason(active["nounset"], step.span, name)
    last = _may_end_false(script.document.body, script)
    return _Reason(own["errexit"], last) if "errexit" in own and last else None


def _changes(step: Step) -> dict[str, bool]:
    """The options that a ``set`` switches on or off."""
    found: dict[str, bool] = {}
    if step.program is None or step.program.name != "set":
        return found
    words = step.program.arguments
    for index, word in enumerate(words):
        if word == "--" or word[:1] not in ("-", "+"):
            continue
        found |= {_LETTERS[letter]: word[0] == "-" for letter in word[1:] if letter in _LETTERS}
        if word.endswith("o") and index + 1 < len(words):
            found[words[index + 1]] = word[0] == "-"
    return {name: on for name, on in found.items() if name in ("errexit", "nounset", "pipefail")}


def _may_fail(step: Step, called: set[str], *, pipefail: bool) -> bool:
    if step.tested or (step.piped and not pipefail):
        return False
    statement = step.statement
    if isinstance(statement, Declaration):
        return statement.keyword == "" and any(item.value and _fails_inside(item.value) for item in statement.items)
    if not isinstance(statement, Command) or step.program is None:
        return False
    return step.program.name not in _NEVER_FAIL and step.program.name not in called


def _may_end_false(block: Block, script: StartupScript) -> Span | None:
    """The list at the end of a script, ``test && command``, whose failed test makes the whole script a failed one."""
    match block[-1] if block else None:
        case Chain(rest=(*_, ("&&", _))) as chain:
            return None if script.outcome(chain) else chain.span
        case Group(body=body, subshell=False):
            return _may_end_false(body, script)
        case If(branches=branches, otherwise=otherwise):
            bodies = [*(branch.body for branch in branches), otherwise or ()]
            return next((span for body in bodies if (span := _may_end_false(body, script))), None)
        case _:
            return None


def _fails_inside(word: Word) -> bool:
    """Whether an assignment takes over the failure of a command in its value."""
    parts = [part for part in word.parts if isinstance(part, Substitution)]
    return bool(parts) and _fails(parts[-1].body)


def _fails(block: Block) -> bool:
    last: Statement | None = block[-1] if block else None
    match last:
        case Chain(rest=(*_, ("||", other))):
            return _fails((other,))
        case Group(body=body):
            return _fails(body)
        case Command(words=(word, *_)):
            return word.literal not in _NEVER_FAIL
        case _:
            return last is not None


def _unset(step: Step, known: set[str]) -> str:
    """The first variable a step reads that nothing sets."""
    words: list[Word] = [item.value for item in step.assignments if item.value]
    if isinstance(step.statement, Command):
        words += step.statement.words
    elif isinstance(step.statement, Test):
        words += _asked(step.statement.condition)
    for word in words:
        for part in word.parts:
            if isinstance(part, Expansion) and part.operator not in _GUARDS and _is_unset(part.name, known):
                return part.name
    return ""


def _asked(condition: Condition) -> Iterator[Word]:
    match condition:
        case Ask(word=word):
            yield word
        case Compare(left=left, right=right):
            yield from (left, right)
        case Not(operand=operand):
            yield from _asked(operand)
        case Both(left=first, right=second):
            yield from _asked(first)
            yield from _asked(second)
        case _:
            pass


def _is_unset(name: str, known: set[str]) -> bool:
    return name.isidentifier() and name not in known and not name.startswith(_SET_ANYWAY)


def _fix(script: StartupScript, step: Step) -> Fix | None:
    """Takes ``e`` and ``u`` out of the ``set``, or its line away when nothing else is in it."""
    words = script.file.slice(step.span).split()[1:]
    letters, names = "", []
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word.startswith("--"):
            return None
        letters += "".join(letter for letter in word[1:] if letter not in "euo")
        names += [words.pop(0)] if word.endswith("o") and words else []
    kept = [f"-{letters}"] if letters else []
    kept += [f"-o {name}" for name in names if name not in ("errexit", "nounset")]
    edit = replaced(script, step.span, " ".join(["set", *kept])) if kept else without_line(script, step.span)
    return Fix("Let the script continue after a failure", Safety.SAFE, (edit,)) if edit else None
