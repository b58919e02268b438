"""Edits that take code from Airflow 2 to Airflow 3: arguments with their new names, imports from their new modules."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mwaalint.documents.jinja import blocks
from mwaalint.findings import WHOLE_FILE, Edit, Fix, Safety
from mwaalint.patterns import regex
from mwaalint.rewrites import MoveNames, ReplaceWord
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.checks._api import FileContext
    from mwaalint.checks.dags._removed import Removed
    from mwaalint.documents.python_document import ImportedName

# What it was called before took the same arguments.
_ONLY_RENAMED = frozenset({"EmptyOperator"})
_FROM = regex(rb"from[ \t]+(?P<module>[\w.]+)[ \t]+import\b")


def renamed_keyword(keyword: ast.keyword, new: str, ctx: FileContext) -> Fix | None:
    """Gives an argument its new name; the value stays as it is written."""
    span, old = ctx.document.span(keyword), (keyword.arg or "").encode()
    data = ctx.document.file.data
    start = Span(span.start, span.start + len(old))
    if span == WHOLE_FILE or data[start.start : start.end] != old:
        return None
    return Fix(
        f"Rename to {new}",
        Safety.SAFE,
        (Edit(ctx.document.file.path, start, new.encode(), data[start.start : start.end]),),
    )


def renamed_word(text: ast.Constant, word: str, new: str, ctx: FileContext) -> Fix | None:
    """Gives a template's word its new name; None where an expression would have to take its place among others."""
    around = ctx.document.parent(text)
    span = ctx.document.span(around if isinstance(around, ast.JoinedStr) else text)
    if span == WHOLE_FILE or (not new.isidentifier() and _stands_among_others(str(text.value), word)):
        return None
    return Fix(f"Use {new}", Safety.SAFE, rewrites=(ReplaceWord(ctx.document.file.path, span, word, new),))


def _stands_among_others(text: str, word: str) -> bool:
    """Whether a template has a word anywhere else than alone between its braces."""
    others = re.sub(rf"\{{\{{[-+]?\s*{word}\s*[-+]?\}}\}}", "", text)
    return any(re.search(rf"(?<![\w.]){word}\b", block) for block in blocks(others))


def with_module(imported: ImportedName, removed: Removed, ctx: FileContext) -> Fix | None:
    """Imports what a statement imports from where it is now, as far as the image has the packages."""
    node = imported.node
    if not isinstance(node, ast.ImportFrom) or node.level:
        return None
    moves = {alias.name: move for alias in node.names if (move := _move(f"{node.module}.{alias.name}", removed, ctx))}
    if imported.alias.name not in moves:
        return None
    modules = dict.fromkeys(module for module, _ in moves.values())
    keep_their_names = all(name == new for name, (_, new) in moves.items())
    if len(moves) == len(node.names) and len(modules) == 1 and keep_their_names:
        return _other_module(node, next(iter(modules)), ctx)
    return _taken_apart(node, moves, ctx)


def _move(dotted: str, removed: Removed, ctx: FileContext) -> tuple[str, str] | None:
    """The module and the name under which something removed is there now; None where it is not."""
    module, _, new = removed.instead(dotted).rpartition(".") if removed.name(dotted) else ("", "", "")
    return (module, new) if module and _is_there(module, ctx) else None


def _other_module(node: ast.ImportFrom, module: str, ctx: FileContext) -> Fix | None:
    span, data = ctx.document.span(node), ctx.document.file.data
    match = _FROM.match(data, span.start, span.end)
    if match is None or match["module"].decode() != node.module:
        return None
    place = Span(*match.span("module"))
    edit = Edit(ctx.document.file.path, place, module.encode(), match["module"])
    return Fix(f"Import it from {module}", Safety.SAFE, (edit,))


def _taken_apart(node: ast.ImportFrom, moves: Mapping[str, tuple[str, str]], ctx: FileContext) -> Fix | None:
    """One import of each module. What has another name now may take other arguments as well, so that is unsafe."""
    span, file = ctx.document.span(node), ctx.document.file
    start, end = file.data.rfind(b"\n", 0, span.start) + 1, file.data.find(b"\n", span.end)
    before, after = file.data[start : span.start], file.data[span.end : end if end >= 0 else len(file.data)]
    if span == WHOLE_FILE or before.strip(b" \t" + file.mark) or not re.match(rb"\s*(#|\Z)", after):
        return None
    same = all(name == new or new in _ONLY_RENAMED for name, (_, new) in moves.items())
    rewrite = MoveNames(file.path, span, tuple((name, *move) for name, move in moves.items()))
    names = ", ".join(f"{new} from {module}" for module, new in moves.values())
    return Fix(f"Import {names}", Safety.SAFE if same else Safety.UNSAFE, rewrites=(rewrite,))


def _is_there(module: str, ctx: FileContext) -> bool:
    """Whether MWAA's image has the package that a module is in."""
    from mwaalint.model.packages import Packages

    pins = ctx.catalog.pins(ctx.target.airflow or "")
    origin = Packages(ctx.catalog).origin(module)
    return bool(pins and origin and any(name in pins.preinstalled for name in origin.packages))
