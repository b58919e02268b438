"""MW402 writes-to-dags-folder."""

from __future__ import annotations

import ast
import re
from posixpath import normpath
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

# A part that the code does not tell names something below what is known before it.
_HOLE = re.compile(r"\0[^\0]*\0")
# Functions that write, with the place of the path among their arguments.
_FUNCTIONS = {
    **dict.fromkeys(("os.makedirs", "os.mkdir", "os.remove", "os.unlink", "os.rmdir", "shutil.rmtree", "os.rename"), 0),
    **dict.fromkeys(("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move"), 1),
    "urllib.request.urlretrieve": 1,
}
_OF_PATHS = frozenset({"write_text", "write_bytes", "mkdir", "touch", "unlink", "rmdir"})
_OF_FRAMES = frozenset({"to_csv", "to_parquet", "to_json", "to_excel", "to_pickle", "to_feather"})
_METHODS = (*_OF_PATHS, *_OF_FRAMES, "open", "download_file", "extractall")
_WRITING = frozenset("wax+")


@check("MW402", on=Call("open", "io.open", *_FUNCTIONS, *(f"*.{name}" for name in _METHODS)))
def writes_to_dags_folder(call: ast.Call, ctx: FileContext) -> Iterator[Finding]:
    """A call that writes below the DAGs folder."""
    target = _target(call, ctx)
    if target is None or any(block.never for block in ctx.document.block(call).around()):
        return
    path = normpath(_HOLE.sub("…", ctx.text(target)))
    dags = str(ctx.catalog.fact("filesystem.dags.path"))
    if path == dags or path.startswith(f"{dags}/"):
        name = ast.unparse(call.func)
        shown = f"{name}()" if len(name) <= 40 else f"….{name.rpartition('.')[2]}()"
        yield ctx.report(ctx.at(call), subject=path, call=shown, path=path)


def _target(call: ast.Call, ctx: FileContext) -> ast.expr | None:
    """The expression of the path that a call writes; None for one that only reads."""
    dotted = ctx.document.dotted(call.func)
    if dotted in ("open", "io.open"):
        return call.args[0] if call.args and _writes(call, 1) else None
    if dotted in _FUNCTIONS:
        place = _FUNCTIONS[dotted]
        return call.args[place] if len(call.args) > place else None
    if not isinstance(call.func, ast.Attribute):
        return None
    match call.func.attr:
        case "open":
            return call.func.value if _writes(call, 0) else None
        case "download_file":
            return _argument(call, 2, "Filename")
        case "extractall":
            return _argument(call, 0, "path")
        case name if name in _OF_PATHS:
            return call.func.value
        case _:
            return call.args[0] if call.args else None


def _writes(call: ast.Call, place: int) -> bool:
    mode = _argument(call, place, "mode")
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and not _WRITING.isdisjoint(mode.value)


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    named = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    return named or (call.args[place] if len(call.args) > place else None)
