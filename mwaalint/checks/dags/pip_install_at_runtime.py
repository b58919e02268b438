"""MW429 pip-install-at-runtime."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.startup._pip import WHERE_TO, pip_arguments
from mwaalint.model.code_facts import run_elsewhere
from mwaalint.model.startup import program
from mwaalint.model.task_commands import HOLE, TaskCommand, bash_command, command_text, commands, program_of, read
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding
    from mwaalint.model.startup import Program

_PROCESSES = (*(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen")), "os.system")
_SHELLS = (*_PROCESSES, "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput")
_FUNCTIONS = ("pip.main", "pip._internal.main", "pip._internal.cli.main.main")
# A command that makes or enters a virtual environment installs into that one.
_OWN_PYTHON = regex(r"activate\b|venv|conda|PYTHONUSERBASE|PIP_TARGET|\bPATH=")


@check("MW429", on=DagFile("pip", places=("dags", "plugins")))
def pip_install_at_runtime(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Packages that a task, or the reading of a DAG file, installs into the Python that Airflow runs in."""
    by_name = document.calls_by_name
    starting = [(name, call) for name in (*_SHELLS, *_FUNCTIONS) for call in by_name.get(name, ())]
    elsewhere = set(run_elsewhere(document, ctx.code_of_dags)) if starting else set()
    for name, call in starting:
        if any(block.never or block.owner.node in elsewhere for block in document.block(call).around()):
            continue
        if _installs(call, name, ctx):
            yield ctx.report(ctx.at(call), "import" if ctx.runs_at_import(call) else "default", subject=name)
    for task in ctx.code_of_dags.tasks if ctx.place == "dags" else ():
        command = bash_command(task, ctx.code_of_dags.values) if task.class_name == "BashOperator" else None
        if command is not None and _of_shell(command):
            yield ctx.report(ctx.at(command.node), subject="bash_command")


def _installs(call: ast.Call, name: str, ctx: FileContext) -> bool:
    given = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg == "args"), None)
    if given is None:
        return False
    given, _ = ctx.document.followed(given, ctx.document.block(call))
    if isinstance(given, ast.List | ast.Tuple):
        words = tuple(_word(item, ctx) for item in given.elts)
        return _by_pip(program(("pip", *words) if name in _FUNCTIONS else words))
    text = command_text(given, ctx.code_of_dags.values)
    return text is not None and name not in _FUNCTIONS and _of_shell(TaskCommand(given, text))


def _word(node: ast.expr, ctx: FileContext) -> str:
    if ctx.document.dotted(node) == "sys.executable":
        return "python"
    text = command_text(node, ctx.code_of_dags.values)
    return HOLE if text is None else text


def _of_shell(command: TaskCommand) -> bool:
    if "pip" not in command.text or _OWN_PYTHON.search(command.text):
        return False
    script = read(command)
    return script.error is None and any(_by_pip(program_of(each)) for each in commands(script))


def _by_pip(one: Program | None) -> bool:
    """Whether a command installs packages beside Airflow: named ones, not into a folder or a Python of its own."""
    arguments, of_image = pip_arguments(one) if one is not None and one.name != "uv" else ((), False)
    rest = arguments[arguments.index("install") + 1 :] if "install" in arguments else ()
    return of_image and bool(rest) and not any(word.split("=")[0] in WHERE_TO for word in rest)
