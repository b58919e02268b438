"""MW608: a condition on the component that does not know all its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._script import is_component, replaced, table
from mwaalint.documents.shell_syntax import (
    Both,
    Case,
    Command,
    Compare,
    Declaration,
    Not,
    Test,
    inside,
)
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.startup import COMPONENTS, StartupScript
from mwaalint.model.values import possible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.shell_syntax import Block, Condition
    from mwaalint.model.startup import Gate
    from mwaalint.source import Span

_MICRO = "mw1.micro"
_TALK = frozenset({"echo", "printf", ":", "true", "exit", "return", "date"})


class _Asked(NamedTuple):
    """A name that the component is compared with."""

    name: str
    span: Span


@check("MW608", on=StartupScript)
def startup_gate_ignores_hybrid(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports names that no component has; on mw1.micro also conditions under which hybrid goes with the web server.

    A script that asks for hybrid anywhere knows of it.
    """
    asked = list(_names(script))
    for one in asked:
        if one.name not in COMPONENTS and one.name.lower().replace("_", "-") in table(ctx)["no_components"]:
            yield ctx.report(script.location(one.span), "never", name=one.name, subject=one.name)
    environment = script.environment
    knows = any(one.name == "hybrid" for one in asked)
    if environment is None or knows or _MICRO not in [value.value for value in possible(environment.environment_class)]:
        return
    for gate in script.gates:
        if _left_out(gate) and _matters(gate):
            yield ctx.report(
                script.location(gate.span, "hybrid"),
                "hybrid",
                related=[environment.where("environment_class").noted("the class whose containers are hybrid")],
                fix=_fix(script, gate),
                condition=script.text(gate.span),
                subject=script.text(gate.span),
            )


def _left_out(gate: Gate) -> bool:
    """Whether scheduler or worker gets something that hybrid, which is both, does not."""
    hybrid = gate.arms["hybrid"]
    return hybrid == gate.arms["webserver"] and {hybrid} != {gate.arms["scheduler"], gate.arms["worker"]}


def _matters(gate: Gate) -> bool:
    """Whether an arm does more than talk: its own work, or leaving before the rest."""
    return any(_works(body) for body in gate.bodies)


def _works(body: Block) -> bool:
    for statement in inside(body):
        if isinstance(statement, Declaration):
            return True
        if isinstance(statement, Command) and statement.words:
            name = statement.words[0].literal
            if name not in _TALK or name in ("exit", "return"):
                return True
    return False


def _names(script: StartupScript) -> Iterator[_Asked]:
    for statement in inside(script.document.body):
        if isinstance(statement, Test):
            yield from _compared(statement.condition, script)
        elif isinstance(statement, Case) and is_component(statement.subject, script):
            for arm in statement.arms:
                yield from (_Asked(word.literal, word.span) for word in arm.patterns if word.literal)


def _compared(condition: Condition, script: StartupScript) -> Iterator[_Asked]:
    match condition:
        case Compare(left=left, operator="==" | "=" | "!=", right=right):
            for variable, text in ((left, right), (right, left)):
                if is_component(variable, script) and text.literal:
                    yield _Asked(text.literal, text.span)
        case Not(operand=operand):
            yield from _compared(operand, script)
        case Both(left=first, right=second):
            yield from _compared(first, script)
            yield from _compared(second, script)
        case _:
            pass


def _fix(script: StartupScript, gate: Gate) -> Fix | None:
    """``worker or scheduler`` is ``not webserver``, and of this hybrid is no exception."""
    test = next((one for one in inside(script.document.body) if isinstance(one, Test) and one.span == gate.span), None)
    if test is None or not isinstance(test.condition, Both) or test.condition.operator != "||":
        return None
    left, right = test.condition.left, test.condition.right
    if not isinstance(left, Compare) or not isinstance(right, Compare):
        return None
    both = {left.right.literal, right.right.literal} == {"worker", "scheduler"} and left.operator == right.operator
    if not both or left.operator not in ("==", "="):
        return None
    asked = f'{script.file.slice(left.left.span)} != "webserver"'
    return Fix("Test for the web server instead", Safety.SAFE, (replaced(script, test.condition.span, asked),))
