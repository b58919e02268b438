"""Python files as syntax trees, read and never run: the tree, names as their imports give them, literal lengths."""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import field
from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.records import record
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.source import SourceFile

CHANGING = frozenset({"append", "extend", "insert", "add", "update", "pop", "remove", "clear", "setdefault", "discard"})
_SAME_LENGTH = frozenset({"enumerate", "sorted", "list", "tuple", "reversed", "dict"})
_VIEWS = frozenset({"items", "keys", "values", "copy"})
_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_LONGEST_RANGE = 1_000_000
_DEEPEST = 20
_MOST_RENDERED = 50
_LONGEST_TEMPLATE = 50_000
_PLACEHOLDER = regex(rb"(\$\{[^{}]*\})")


def parse(file: SourceFile) -> ast.Module | None:
    """The syntax tree of a file, None for what is not Python of this interpreter's version or too deep to parse; the
    file's ``problem`` then says so.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's code, which nobody asked this tool to judge
            return _parse(file.data)
    except UnreadableFileError:
        return None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        file.problem = f"Python {_VERSION}, which runs mwaalint, cannot parse it{line}"
        return None


def _parse(data: bytes) -> ast.Module:
    """The tree, also of a template for Terraform: names as long as its placeholders stand for those outside strings."""
    for _ in range(_MOST_RENDERED if len(data) <= _LONGEST_TEMPLATE else 0):
        try:
            return ast.parse(data)
        except SyntaxError as error:
            rendered = _rendered(data, error.lineno or 0)
            if rendered == data:
                raise
            data = rendered
    return ast.parse(data)


def _rendered(data: bytes, number: int) -> bytes:
    lines = data.split(b"\n")
    if 0 < number <= len(lines):
        lines[number - 1] = _filled_in(lines[number - 1])
    return b"\n".join(lines)


def _filled_in(line: bytes) -> bytes:
    parts = _PLACEHOLDER.split(line)  # every second one is a placeholder
    double = single = 0
    for number, part in enumerate(parts):
        if number % 2 and not double % 2 and not single % 2:
            parts[number] = b"_" * len(part)
        double += part.count(b'"')
        single += part.count(b"'")
    return b"".join(parts)


def source_of(node: ast.AST) -> str:
    """A node as Python would write it; "…" for hundreds of expressions in each other."""
    try:
        return ast.unparse(node)
    except RecursionError:
        return "…"


def begins_with_literal(node: ast.expr) -> bool:
    """Whether an expression is a text whose beginning is written out in place."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        node = node.left
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


@record
class Names:
    """What a file's names stand for.

    ``imported`` gives each imported name its dotted origin ("DAG": "airflow.models.DAG") and ``modules`` every module
    imported. A relative import's origin starts with its dots. ``literals`` are the values of names that are bound once,
    at module level, and not changed afterwards.
    """

    imported: Mapping[str, str]
    modules: frozenset[str]
    literals: Mapping[str, ast.expr] = field(default_factory=dict)

    def resolved(self, node: ast.expr) -> str:
        """The dotted origin of a name or attribute chain; its own text for a name not imported, "" for all else."""
        name = dotted(node)
        first, _, rest = name.partition(".")
        origin = self.imported.get(first, first)
        return f"{origin}.{rest}" if rest else origin

    def length(self, node: ast.expr) -> int | None:
        """How many items a literal collection (or a name, range(), items() of one) has; None when it is not plain."""
        for _ in range(_DEEPEST):
            match node:
                case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                    return None if any(isinstance(item, ast.Starred) for item in items) else len(items)
                case ast.Dict(keys=keys):
                    return None if None in keys else len(keys)
                case ast.Name(id=name) if name in self.literals:
                    node = self.literals[name]
                case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]):
                    return _range_length(arguments)
                case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _SAME_LENGTH:
                    node = inner
                case ast.Call(func=ast.Attribute(value=inner, attr=name), args=[], keywords=[]) if name in _VIEWS:
                    node = inner
                case _:
                    return None
        return None


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a name or attribute chain, "" for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def joined(module: str, name: str) -> str:
    """The dotted name of something in a module; a relative module keeps its dots."""
    return module + name if module.endswith(".") else f"{module}.{name}"


def _range_length(arguments: list[ast.expr]) -> int | None:
    numbers = [_whole_number(argument) for argument in arguments]
    bounds = [number for number in numbers if number is not None]
    if len(bounds) != len(numbers) or not 1 <= len(bounds) <= 3 or (len(bounds) == 3 and bounds[2] == 0):
        return None
    return min(len(range(*bounds)), _LONGEST_RANGE) if max(map(abs, bounds)) <= _LONGEST_RANGE else None


def _whole_number(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)) if not isinstance(number, bool):
            return -number
        case _:
            return None
