"""What a task does with files below /tmp: which it makes, which it only reads, and what nobody can tell of."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from posixpath import normpath
from typing import TYPE_CHECKING

from mwaalint.checks.dags._file_calls import argument, read, written
from mwaalint.documents.python import source_of
from mwaalint.documents.python_walk import walk
from mwaalint.model.task_commands import bash_command, commands, program_of
from mwaalint.model.task_commands import read as read_command
from mwaalint.model.values import known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.checks._api import FileContext
    from mwaalint.documents.python_blocks import FunctionNode
    from mwaalint.documents.shell_syntax import Command, Word
    from mwaalint.model.dag_model import Task

TMP = "/tmp"
_MOST_FUNCTIONS = 30
_PYTHON = regex(r"^(?:task(?:\.(?:branch|short_circuit|sensor))?|(?:\w+\.)*(?:Branch|ShortCircuit)?PythonOperator)$")
_BASH = ("BashOperator", "bash")
_MAKES = regex(r">|\btee\b")
_REMOVING = frozenset({"remove", "unlink", "rmdir", "rmtree", "mkdir", "makedirs"})
# Calls that bring a file and do not say which in a way that can be followed.
_BRINGING = regex(
    r"download|retrieve|fetch|extract|unpack|unzip|subprocess|system$|popen|check_output|check_call|run_command", re.I
)
# Calls that do nothing to a file whose path they are given.
_HARMLESS = regex(
    r"^(?:print|len|str|repr|os\.path\.\w+|os\.stat|pathlib\.Path|os\.fspath|\w*Error|\w*Exception)$"
    r"|\.(?:info|debug|warning|error|exception|critical|append|format|join|exists|is_file|stat|xcom_push|rstrip|split)$"
)
_ASKS = regex(r"\b(?:exists|isfile|is_file)\b")
_SHELL_READERS = frozenset({"cat", "head", "tail", "grep", "wc", "jq", "sort", "source", ".", "sh", "bash"})
_SHELL_HARMLESS = frozenset({"echo", "rm", "mkdir", "ls", "test", "[", "cd", "chmod"})


@dataclass(slots=True)
class TmpFiles:
    """The files of one task: where it makes and where it only reads each path; what it hands to what may do anything
    with it, and what it returns or gives to other tasks, by the key. Of these nobody knows the text before it is asked
    for: that takes long, and seldom is.
    """

    task: Task
    made: dict[str, ast.AST] = field(default_factory=dict)
    read: dict[str, ast.AST] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    handed: list[ast.expr] = field(default_factory=list)
    given: dict[str, ast.expr] = field(default_factory=dict)
    pulled: list[tuple[ast.expr, ast.AST]] = field(default_factory=list)
    brings: bool = False

    def only_reads(self, path: str, ctx: FileContext) -> bool:
        """Whether the task surely finds the file where another one left it."""
        if self.brings or any(_is_below(path, made) for made in self.made if made):
            return False
        texts = (*self.touched, *filter(None, (_tmp_text(node, ctx) for node in self.handed)))
        return not any(path in text or _is_below(path, text) for text in texts)


def _is_below(path: str, other: str) -> bool:
    """Whether a path is another one, or lies below it."""
    return f"{path}/".startswith(f"{other.rstrip('/')}/")


def any_made(ctx: FileContext) -> bool:
    """Whether anything in the file may make a file below /tmp. Most only read some, or have the word in a text."""
    targets = (written(call, ctx.document) for call in ctx.document.calls)
    if any(target is not None and path_of(target, ctx) for target in targets):
        return True
    tasks = (task for task in ctx.code_of_dags.tasks if task.class_name in _BASH)
    found = (bash_command(task, ctx.code_of_dags.values) for task in tasks)
    return any(command is not None and TMP in command.text and _MAKES.search(command.text) for command in found)


def tmp_files(task: Task, ctx: FileContext) -> TmpFiles:
    """What the code of a task does with files below /tmp, as far as its own file shows."""
    found = TmpFiles(task)
    if _PYTHON.search(task.operator):
        functions = list(_functions(task, ctx))
        for function in functions:
            _read_function(function, found, ctx)
    elif task.class_name in _BASH:
        _read_bash(task, found, ctx)
    elif task.class_name == "LocalFilesystemToS3Operator":
        path = known(task.argument("filename"), str)
        found.read |= {path: task.arguments.nodes.get("filename", task.node)} if path else {}
    return found


def function_of(task: Task, ctx: FileContext) -> FunctionNode | None:
    """The function that a task runs, where it is in the same file."""
    called = task.arguments.nodes.get("python_callable")
    if task.function is not None:
        return task.function
    return ctx.document.function(called) if isinstance(called, ast.Name) else None


def _functions(task: Task, ctx: FileContext) -> Iterator[FunctionNode]:
    """The task's function, and those of the file that it calls, directly or not."""
    first = function_of(task, ctx)
    pending = [first] if first else []
    seen: set[ast.AST] = set()
    while pending and len(seen) < _MOST_FUNCTIONS:
        function = pending.pop()
        if function in seen:
            continue
        seen.add(function)
        yield function
        names = (node.func for node in walk(function) if isinstance(node, ast.Call))
        pending += filter(None, (ctx.document.function(name) for name in names if isinstance(name, ast.Name)))


def _read_function(function: FunctionNode, found: TmpFiles, ctx: FileContext) -> None:
    for node in walk(function):
        if isinstance(node, ast.Call):
            _read_call(node, found, ctx)
        elif isinstance(node, ast.Return) and node.value is not None and function is function_of(found.task, ctx):
            found.given.setdefault("return_value", node.value)


def _read_call(call: ast.Call, found: TmpFiles, ctx: FileContext) -> None:
    dotted = ctx.document.dotted(call.func)
    name = dotted.rpartition(".")[2]
    target = written(call, ctx.document)
    if target is not None:
        if name not in _REMOVING:
            found.made.setdefault(path_of(target, ctx), call)
        return
    source = read(call, ctx.document)
    if source is not None:
        if not _is_asked_for(call, ctx):
            found.read.setdefault(path_of(source, ctx), call)
            found.pulled.append((source, call))
    elif name == "xcom_push":
        key, value = argument(call, 0, "key"), argument(call, 1, "value")
        if isinstance(key, ast.Constant) and value is not None:
            found.given[str(key.value)] = value
    elif _BRINGING.search(dotted):
        found.brings = True
    elif not _HARMLESS.search(dotted):
        found.handed += _given(call)


def _given(call: ast.Call) -> Iterator[ast.expr]:
    for value in (*call.args, *(keyword.value for keyword in call.keywords)):
        yield from value.elts if isinstance(value, ast.List | ast.Tuple) else (value,)


def _tmp_text(node: ast.expr, ctx: FileContext) -> str:
    if isinstance(node, ast.Call | ast.Lambda):
        return ""
    text = ctx.text(node)
    return text if TMP in text else ""


def _is_asked_for(call: ast.Call, ctx: FileContext) -> bool:
    """Whether a condition around a call asks if a file is there."""
    tests = (block.node.test for block in ctx.document.block(call).inside_owner() if isinstance(block.node, ast.If))
    return any(_ASKS.search(source_of(test)) for test in tests)


def path_of(node: ast.expr, ctx: FileContext) -> str:
    """The text of a path, "" where it does not surely lie below /tmp."""
    path = normpath(ctx.text(node))
    return path if _is_below(path, TMP) else ""


def _read_bash(task: Task, found: TmpFiles, ctx: FileContext) -> None:
    command = bash_command(task, ctx.code_of_dags.values)
    if command is None or TMP not in command.text:
        return
    script = read_command(command)
    found.brings = script.error is not None
    for each in commands(script):
        _read_command(each, found, command.node)


def _read_command(command: Command, found: TmpFiles, node: ast.AST) -> None:
    for redirection in command.redirections:
        target = _literal(redirection.target)
        if target.startswith(f"{TMP}/"):
            (found.read if redirection.operator == "<" else found.made).setdefault(target, node)
    program = program_of(command)
    name = program.name if program else ""
    for word in filter(None, map(_literal, command.words[1:])):
        if name in _SHELL_READERS and word.startswith(f"{TMP}/"):
            found.read.setdefault(word, node)
        elif name == "tee":
            found.made.setdefault(word, node)
        elif TMP in word and name not in _SHELL_HARMLESS:
            found.touched.append(word)


def _literal(word: Word | None) -> str:
    return (word.literal if word else None) or ""
