"""Calls that write or read files, and the expression of the path among their arguments."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.documents.python_document import PythonDocument

# Functions that write, with the place of the path among their arguments.
WRITING_FUNCTIONS = {
    **dict.fromkeys(("os.makedirs", "os.mkdir", "os.remove", "os.unlink", "os.rmdir", "shutil.rmtree", "os.rename"), 0),
    **dict.fromkeys(("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move"), 1),
    "urllib.request.urlretrieve": 1,
}
_OF_PATHS = frozenset({"write_text", "write_bytes", "mkdir", "touch", "unlink", "rmdir"})
_OF_FRAMES = frozenset({"to_csv", "to_parquet", "to_json", "to_excel", "to_pickle", "to_feather"})
WRITING_METHODS = (*_OF_PATHS, *_OF_FRAMES, "open", "download_file", "extractall")
_WRITING = frozenset("wax+")
_PANDAS = frozenset(f"read_{kind}" for kind in ("csv", "parquet", "json", "excel", "pickle", "feather", "table"))
_READING_FUNCTIONS = frozenset({"os.listdir", "os.scandir", "zipfile.ZipFile", "tarfile.open", "gzip.open"})
_READING_METHODS = frozenset({"read_text", "read_bytes"})
# Methods that send a file somewhere, with the name of the argument and its place.
_SENDING = {"upload_file": ("Filename", 0), "load_file": ("filename", 0)}


def written(call: ast.Call, document: PythonDocument) -> ast.expr | None:
    """The expression of the path that a call writes, makes or removes; None for one that only reads."""
    dotted = document.dotted(call.func)
    if dotted in ("open", "io.open"):
        return call.args[0] if call.args and _writes(call, 1) else None
    if dotted in WRITING_FUNCTIONS:
        place = WRITING_FUNCTIONS[dotted]
        return call.args[place] if len(call.args) > place else None
    if not isinstance(call.func, ast.Attribute):
        return None
    match call.func.attr:
        case "open":
            return call.func.value if _writes(call, 0) else None
        case "download_file":
            return argument(call, 2, "Filename")
        case "extractall":
            return argument(call, 0, "path")
        case name if name in _OF_PATHS:
            return call.func.value
        case name if name in _OF_FRAMES:
            return call.args[0] if call.args else None
        case _:
            return None


def read(call: ast.Call, document: PythonDocument) -> ast.expr | None:
    """The expression of the path of a file that a call reads, and that must be there; None for all other calls."""
    dotted = document.dotted(call.func)
    first = call.args[0] if call.args else None
    if dotted in ("open", "io.open"):
        return None if _writes(call, 1) else first
    if dotted in _READING_FUNCTIONS:
        return None if _writes(call, 1) else first
    if dotted in WRITING_FUNCTIONS or not isinstance(call.func, ast.Attribute):
        return None
    name = call.func.attr
    if name in _PANDAS and dotted.startswith(("pandas.", "polars.", "pyarrow.", "awswrangler.pandas.")):
        return first
    if name in _SENDING:
        keyword, place = _SENDING[name]
        return argument(call, place, keyword)
    if name == "open" and not call.args and not call.keywords:
        return call.func.value
    return call.func.value if name in _READING_METHODS else None


def argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    """What a call passes at a position or by name."""
    named = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    return named or (call.args[place] if len(call.args) > place else None)


def _writes(call: ast.Call, place: int) -> bool:
    mode = argument(call, place, "mode")
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and not _WRITING.isdisjoint(mode.value)
