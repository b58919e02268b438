"""The shell commands that tasks run, as text with holes where the code does not tell, and as the shell reads them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.documents.jinja import replaced
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.documents.python_blocks import Block
    from mwaalint.documents.shell_syntax import Command, Pipeline, ShellScript, Statement
    from mwaalint.model.dag_model import Task
    from mwaalint.model.dag_values import DagValues
    from mwaalint.model.startup import Program

# Stands for what is put in at run time: a template, a value the code does not tell. No shell gives it a meaning.
HOLE = "\ue000"
_LONGEST = 20_000


class TaskCommand(NamedTuple):
    """The shell text of one task, with the expression that it stands in."""

    node: ast.expr
    text: str


def bash_command(task: Task, values: DagValues) -> TaskCommand | None:
    """What a BashOperator runs; None where that is a script's file or not known at all."""
    node = task.arguments.nodes.get("bash_command")
    text = command_text(node, values, task.arguments.block) if node is not None else None
    # Airflow reads a command that ends so as a template's file.
    if node is None or text is None or text.endswith((".sh", ".bash")) or len(text) > _LONGEST:
        return None
    return TaskCommand(node, text)


def command_text(node: ast.expr, values: DagValues, block: Block | None = None) -> str | None:
    """The text of an expression, with holes; None for what is no text. ``block`` is where it is read, if known."""
    match node:
        case ast.JoinedStr(values=parts):
            return "".join(_part(part, values, block) for part in parts)
        case ast.BinOp(op=ast.Add()):
            return _sum(node, values, block)
        case _:
            value = values.value(node, block)
            plain = isinstance(value, Known) and isinstance(value.value, str)
            return _without_blocks(value.value) if plain else None  # type: ignore[union-attr, arg-type]


def _sum(node: ast.expr, values: DagValues, block: Block | None) -> str | None:
    """The text of a sum, which may have more summands than Python calls functions in each other."""
    rights = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        rights.append(node.right)
        node = node.left
    texts = [command_text(each, values, block) for each in (node, *reversed(rights))]
    return None if set(texts) == {None} else "".join(HOLE if text is None else text for text in texts)


def _part(part: ast.expr, values: DagValues, block: Block | None) -> str:
    if isinstance(part, ast.Constant):
        return _without_blocks(str(part.value))
    text = command_text(part.value, values, block) if isinstance(part, ast.FormattedValue) else None
    return HOLE if text is None else text


def _without_blocks(text: str) -> str:
    return replaced(text, lambda _: HOLE)


def read(command: TaskCommand) -> ShellScript:
    """The command as the shell reads it."""
    from mwaalint.documents import shell
    from mwaalint.source import SourceFile

    name = "command.sh"
    return shell.parse(SourceFile(name, Path(name), command.text.encode("utf-8", "replace")))


def commands(script: ShellScript) -> Iterator[Command]:
    """Its simple commands, in order."""
    return commands_in(script.body)


def commands_in(block: Iterable[Statement]) -> Iterator[Command]:
    """The simple commands among statements and within them, in order."""
    from mwaalint.documents.shell_syntax import Command, inside

    return (statement for statement in inside(tuple(block)) if isinstance(statement, Command))


def pipes(script: ShellScript) -> Iterator[Pipeline]:
    """Its pipes, in order."""
    from mwaalint.documents.shell_syntax import Pipeline, inside

    return (statement for statement in inside(script.body) if isinstance(statement, Pipeline))


def program_of(command: Command) -> Program | None:
    """The program that a command starts, with its arguments; a word put together at run time is a hole."""
    from mwaalint.model.startup import program

    return program(tuple(HOLE if word.literal is None else word.literal for word in command.words))
