"""Edits that take code from Airflow 2 to Airflow 3: arguments with their new names, imports from their new modules."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mwaalint.findings import WHOLE_FILE, Edit, Fix, Safety
from mwaalint.source import Span

if TYPE_CHECKING:
    from mwaalint.checks._api import FileContext
    from mwaalint.checks.dags._removed import Removed
    from mwaalint.documents.python_document import ImportedName

_FROM = re.compile(rb"from[ \t]+(?P<module>[\w.]+)[ \t]+import\b")


def renamed_keyword(keyword: ast.keyword, new: str, ctx: FileContext) -> Fix | None:
    """Gives an argument its new name; the value stays as it is written."""
    span, old = ctx.document.span(keyword), (keyword.arg or "").encode()
    data = ctx.document.file.data
    start = Span(span.start, span.start + len(old))
    if span == WHOLE_FILE or data[start.start : start.end] != old:
        return None
    return Fix(
        f"call it {new}",
        Safety.SAFE,
        (Edit(ctx.document.file.path, start, new.encode(), data[start.start : start.end]),),
    )


def with_module(imported: ImportedName, removed: Removed, ctx: FileContext) -> Fix | None:
    """Imports a name from where it is now. Only where all of the statement has moved there under the same names, and
    the image has the package.
    """
    node = imported.node
    if not isinstance(node, ast.ImportFrom) or node.level:
        return None
    homes = {_home(f"{node.module}.{alias.name}", alias.name, removed) for alias in node.names}
    module = homes.pop()
    if homes or not module or not _is_there(module, ctx):
        return None
    span, data = ctx.document.span(node), ctx.document.file.data
    match = _FROM.match(data, span.start, span.end)
    if match is None or match["module"].decode() != node.module:
        return None
    place = Span(*match.span("module"))
    edit = Edit(ctx.document.file.path, place, module.encode(), match["module"])
    return Fix(f"import it from {module}", Safety.SAFE, (edit,))


def _home(dotted: str, name: str, removed: Removed) -> str:
    """The module in which a name is now, "" when it has another name there."""
    module, _, new = removed.instead(dotted).rpartition(".")
    return module if new == name else ""


def _is_there(module: str, ctx: FileContext) -> bool:
    """Whether MWAA's image has the package that a module is in."""
    from mwaalint.model.packages import Packages

    pins = ctx.catalog.pins(ctx.target.airflow or "")
    origin = Packages(ctx.catalog).origin(module)
    return bool(pins and origin and any(name in pins.preinstalled for name in origin.packages))
