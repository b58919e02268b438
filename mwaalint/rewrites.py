"""Changes of Python code as a check wants them; ``fix.python_cst`` makes edits of them when somebody asks for these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.records import record

if TYPE_CHECKING:
    from mwaalint.source import Span


@record
class SetArgument:
    """Passes ``name=value`` in the call at ``span``, in place of what it passes by that name. What is no call yet, as
    a decorator without parentheses, becomes one.
    """

    path: str
    span: Span
    name: str
    value: str


@record
class RemoveArgument:
    """Takes a keyword argument out of the call at ``span``, or the entry out of a dictionary's display."""

    path: str
    span: Span
    name: str


@record
class BeginText:
    """Puts a shell command in front of those in the text at ``span``."""

    path: str
    span: Span
    command: str


@record
class ReplacePath:
    """Replaces the folder ``old`` wherever the text at ``span`` names it: by other text, or with ``expression`` by
    what a Python expression gives.
    """

    path: str
    span: Span
    old: str
    new: str
    expression: bool = False


@record
class ReplaceWord:
    """Replaces a word in the templates of the text at ``span``: by another, or by an expression where it stands alone
    between the braces.
    """

    path: str
    span: Span
    old: str
    new: str


@record
class ImportModule:
    """Imports a module at the top of the file, if nothing there does, for what stands at ``span``."""

    path: str
    span: Span
    module: str


@record
class MoveNames:
    """Imports names of the ``from … import`` at ``span`` from elsewhere: (name, module, name there)."""

    path: str
    span: Span
    moves: tuple[tuple[str, str, str], ...]


Rewrite = SetArgument | RemoveArgument | BeginText | ReplacePath | ReplaceWord | ImportModule | MoveNames
