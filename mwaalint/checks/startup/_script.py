"""What the rules on startup scripts share: the versions they hold for, and edits of a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.catalog import version_key
from mwaalint.documents.shell_syntax import Expansion
from mwaalint.findings import Edit
from mwaalint.model.startup import COMPONENT
from mwaalint.model.values import Known, is_set
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

    from mwaalint.checks._api import Context
    from mwaalint.documents.shell_syntax import Word
    from mwaalint.model.environment import Environment
    from mwaalint.model.startup import StartupScript, Step
    from mwaalint.model.values import Value


_SHOWING = frozenset({"echo", "printf"})
_INSTALLING = (("-m", "venv"), ("-m", "virtualenv"), ("-m", "pip"))


def table(ctx: Context) -> Mapping[str, Any]:
    """What MWAA's containers do with a startup script."""
    rows: Mapping[str, Any] = ctx.catalog.table("startup")["rows"]
    return rows


def older_wrapper(ctx: Context) -> bool:
    """Whether the Airflow version is one whose way with the script is not public. An unknown version is a new one."""
    airflow = ctx.deployment.target.airflow
    try:
        return airflow is not None and version_key(airflow) < version_key(table(ctx)["wrapper"]["from"])
    except ValueError:
        return False


def is_component(word: Word, script: StartupScript) -> bool:
    """Whether a word is the component, under its own name or that of another variable."""
    if len(word.parts) != 1 or not isinstance(word.parts[0], Expansion):
        return False
    name = word.parts[0].name
    return name == COMPONENT or script.values.get(name) == f"${{{COMPONENT}}}"


def replaced(script: StartupScript, span: Span, text: str) -> Edit:
    """Puts other text in place of what is written at a span."""
    file = script.file
    return Edit(file.path, span, text.encode(file.encoding), file.data[span.start : span.end])


def without_line(script: StartupScript, span: Span) -> Edit | None:
    """Deletes the line of a statement, with a comment at its end; None when there is other code on it."""
    data = script.file.data
    start = data.rfind(b"\n", 0, span.start) + 1
    newline = data.find(b"\n", span.end)
    end = len(data) if newline < 0 else newline + 1
    if data[start : span.start].strip() or not re.fullmatch(rb"\s*;?\s*(#.*)?\s*", data[span.end : end]):
        return None
    return Edit(script.file.path, Span(start, end), b"", data[start:end])


def option_variables(environment: Environment | None) -> dict[str, Value]:
    """The variables that the environment's configuration options become in the containers, with their values."""
    value = environment.airflow_configuration_options if environment else None
    if not isinstance(value, Known) or not isinstance(value.value, dict):
        return {}
    return {
        f"AIRFLOW__{name.replace('.', '__', 1).upper()}": each
        for name, each in value.value.items()
        if isinstance(name, str) and is_set(each)
    }


def uses(script: StartupScript, name: str, *, after: Step, programs: Collection[str] = ()) -> bool:
    """Whether the script itself has a use for a variable after a step: it is expanded, or a program runs that reads
    it. What only installs packages asks AWS nothing.
    """
    steps = script.steps[script.steps.index(after) + 1 :]
    expansion = re.compile(rf"\$\{{?{re.escape(name)}\b")
    return any(
        (step.program is None or step.program.name not in _SHOWING) and expansion.search(script.file.slice(step.span))
        for step in steps
    ) or any(
        step.program is not None
        and step.program.name in programs
        and not (name.startswith("AWS_") and step.program.arguments[:2] in _INSTALLING)
        for step in steps
    )
