"""MW402 writes-to-dags-folder."""

from __future__ import annotations

import ast
import re
from posixpath import normpath
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Call
from mwaalint.checks.dags._file_calls import WRITING_FUNCTIONS, WRITING_METHODS, written
from mwaalint.documents.python import source_of
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_blocks import Block
    from mwaalint.findings import Finding

# A part that the code does not tell names something below what is known before it.
_HOLE = regex(r"\0[^\0]*\0")
_LOCAL = regex(r"(?:^|_)local(?:_|$)", re.I)
_PLACE = regex(r"local|storage|mwaa|\bs3\b|_s3\b|\benv\b|environment|debug", re.I)


_WRITES = Call(
    *("open", "io.open", *WRITING_FUNCTIONS, *(f"*.{name}" for name in WRITING_METHODS)),
    # One of these is where any path below Airflow's home comes from.
    words=("__file__", "HOME", "usr", "DAGS_FOLDER", "expanduser"),
)


@check("MW402", on=_WRITES)
def writes_to_dags_folder(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
    """A call that writes below the DAGs folder."""
    target = written(call, ctx.document)
    block = ctx.document.block(call)
    if target is None or any(each.never for each in block.around()) or _is_for_a_laptop(block):
        return
    path = normpath(_HOLE.sub("…", ctx.text(target)))
    dags = str(ctx.catalog.fact("filesystem.dags.path"))
    if path == dags or path.startswith(f"{dags}/"):
        name = source_of(call.func)
        shown = f"{name}()" if len(name) <= 40 else f"….{name.rpartition('.')[2]}()"
        yield ctx.report(ctx.at(call), subject=path, call=shown, path=path)


def _is_for_a_laptop(block: Block) -> bool:
    """Whether a condition around, or one that leaves before, asks where the code runs or where files go; or the
    function is called so.
    """
    if _LOCAL.search(getattr(block.owner.node, "name", "")):
        return True
    body = getattr(block.owner.node, "body", None)
    before = [node for node in body if _leaves(node)] if isinstance(body, list) else []
    around = [each.node for each in block.inside_owner()]
    return any(isinstance(node, ast.If) and _PLACE.search(source_of(node.test)) for node in (*around, *before))


def _leaves(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.body[-1], ast.Return | ast.Raise)
