"""Texts, word lists and environments that DAG code puts together, as far as the code itself tells them.

Followed are literals, f-strings, ``+``, ``%`` and ``format``, constants of the file and of files it imports,
``os.path``, ``pathlib``, ``__file__`` and the variables of which MWAA's value is known. All else is a hole.
"""

from __future__ import annotations

import ast
import string
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, TypeVar

from mwaalint.documents.python_walk import walk
from mwaalint.model.dbt_shell import HOLE, MAX_CHARACTERS, hole
from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mwaalint.model.adapters._python_modules import Module, Modules

Variables = tuple[dict[str, str], bool]
T = TypeVar("T")

_MAX_DEPTH = 40
_MAX_WORDS = 500
_JOINS = frozenset({"os.path.join", "posixpath.join", "pathlib.Path", "pathlib.PurePosixPath", "pathlib.PosixPath"})
_SAME = frozenset(
    {
        *("str", "os.fspath", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expandvars"),
        *("textwrap.dedent", "inspect.cleandoc"),
    }
)
_SAME_METHODS = frozenset({"as_posix", "resolve", "absolute", "strip", "rstrip", "lstrip", "expanduser", "__str__"})
_SETTINGS = {
    "airflow.settings.AIRFLOW_HOME": "AIRFLOW_HOME",
    "airflow.settings.DAGS_FOLDER": "AIRFLOW__CORE__DAGS_FOLDER",
}
_READERS = frozenset({"os.environ.get", "os.getenv"})
_CHANGING = frozenset({"append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"})
_HOLDERS = frozenset({"os.environ", "os.environ.copy", "dict"})


@record
class Runtime:
    """Where a DAG file runs: the DAGs folder on MWAA and in the repository, and the environment variables that are
    known. ``exported`` are the names of those that scripts set.
    """

    dags: str
    dags_folder: str
    variables: Mapping[str, str]
    exported: frozenset[str] = frozenset()

    def path(self, path: str) -> str | None:
        """The path on MWAA of a file or folder of the repository; None when it lies outside the DAGs folder."""
        folder = "" if self.dags_folder == "." else self.dags_folder
        if folder and path != folder and not path.startswith(f"{folder}/"):
            return None
        return normpath(join(self.dags, path[len(folder) :].lstrip("/")))


@dataclass(slots=True)
class Values:
    """Reads values off the code of one project."""

    modules: Modules
    runtime: Runtime
    _texts: dict[ast.AST, str] = field(default_factory=dict)
    _words: dict[ast.AST, list[str] | None] = field(default_factory=dict)
    _environments: dict[ast.AST, Variables] = field(default_factory=dict)
    _changes: dict[ast.AST, frozenset[str]] = field(default_factory=dict)
    _depth: int = 0

    def text(self, node: ast.expr, module: Module) -> str:
        """The text of an expression, with a hole for what the code does not tell."""
        if node not in self._texts:
            # What leads back to itself finds this.
            self._texts[node] = hole(_called(node))
            found = self._deeper(lambda: self._text(node, module), self._texts[node])
            self._texts[node] = found if len(found) <= MAX_CHARACTERS else hole()
        return self._texts[node]

    def words(self, node: ast.expr, module: Module) -> list[str] | None:
        """The words of a list or tuple; None for any other expression. A list that is added to ends with a hole."""
        if node not in self._words:
            self._words[node] = None
            found = self._deeper(lambda: self._word_list(node, module), None)
            self._words[node] = found if found is None or len(found) <= _MAX_WORDS else None
        return self._words[node]

    def environment(self, node: ast.expr | None, module: Module) -> Variables:
        """The variables that an ``env`` argument sets, and whether these are all."""
        if node is None:
            return {}, True
        if node not in self._environments:
            self._environments[node] = {}, False
            unknown: Variables = {}, False
            self._environments[node] = self._deeper(lambda: self._environment(node, module), unknown)
        return self._environments[node]

    def _changed(self, module: Module) -> frozenset[str]:
        """The names of lists and dictionaries that a file changes after they are made."""
        if module.tree not in self._changes:
            self._changes[module.tree] = frozenset(filter(None, map(_changed_name, walk(module.tree))))
        return self._changes[module.tree]

    def _deeper(self, read: Callable[[], T], otherwise: T) -> T:
        if self._depth >= _MAX_DEPTH:
            return otherwise
        self._depth += 1
        try:
            return read()
        finally:
            self._depth -= 1

    def _word_list(self, node: ast.expr, module: Module) -> list[str] | None:
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [hole() if isinstance(item, ast.Starred) else self.text(item, module) for item in items]
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                first = self.words(left, module)
                return None if first is None else first + (self.words(right, module) or [hole()])
            case ast.Name(id=name):
                bound, home = self.bound(node, module)
                words = self.words(bound, home) if bound else None
                return words if words is None or name not in self._changed(home) else [*words, hole()]
            case _:
                return None

    def _environment(self, node: ast.expr, module: Module) -> Variables:
        match node:
            case ast.Constant(value=None):
                return {}, True
            case ast.Dict(keys=keys, values=values):
                return _merged([self._member(key, value, module) for key, value in zip(keys, values, strict=True)])
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return _merged([self.environment(left, module), self.environment(right, module)])
            case ast.Call(func=func, args=arguments, keywords=keywords) if module.dotted(func) in _HOLDERS:
                parts = [self.environment(argument, module) for argument in arguments]
                named = [
                    self._member(ast.Constant(each.arg) if each.arg else None, each.value, module) for each in keywords
                ]
                return _merged([*parts, *named])
            case ast.Attribute() if module.dotted(node) == "os.environ":
                return {}, True
            case ast.Name(id=name):
                bound, home = self.bound(node, module)
                return self.environment(bound, home) if bound and name not in self._changed(home) else ({}, False)
            case _:
                return {}, False

    def _member(self, key: ast.expr | None, value: ast.expr, module: Module) -> Variables:
        if key is None:
            return self.environment(value, module)
        name = self.text(key, module)
        return ({}, False) if HOLE in name else ({name: self.text(value, module)}, True)

    def bound(self, node: ast.Name, module: Module) -> tuple[ast.expr | None, Module]:
        """The one expression a name stands for, and the file that binds it."""
        for scope in module.scopes(node):
            if not isinstance(scope, ast.Module | ast.ClassDef) and any(
                isinstance(each, ast.arg) and each.arg == node.id for each in walk(scope.args)
            ):
                return None, module
            bindings = module.bindings(scope)
            if node.id in bindings:
                stable = scope is not module.tree or node.id not in module.declared_global
                return (module.the_one(bindings[node.id]) if stable else None), module
        return self._imported(module.imports.get(node.id, ""), module)

    def _imported(self, dotted: str, importer: Module) -> tuple[ast.expr | None, Module]:
        found = self.modules.imported(dotted, importer) if dotted else None
        if found is None or len(found[1]) != 1:
            return None, importer
        home, (name,) = found
        return home.the_one(home.bindings(home.tree).get(name, [])), home

    def _text(self, node: ast.expr, module: Module) -> str:
        match node:
            case ast.Constant(value=str() | int() as value) if not isinstance(value, bool):
                return str(value)
            case ast.JoinedStr(values=parts):
                return "".join(self.text(part, module) for part in parts)
            case ast.FormattedValue(value=inner, conversion=-1 | 115, format_spec=None):
                return self.text(inner, module)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._operation(left, operator, right, module)
            case ast.Name(id="__file__"):
                return self.runtime.path(module.file.path) or hole("__file__")
            case ast.Name() | ast.Attribute() if module.dotted(node) in _SETTINGS:
                return self._variable(_SETTINGS[module.dotted(node)], None)
            case ast.Name():
                bound, home = self.bound(node, module)
                return self.text(bound, home) if bound else hole(node.id)
            case ast.Attribute():
                return self._attribute(node, module)
            case ast.Subscript(value=ast.Attribute(attr="parents", value=inner), slice=ast.Constant(value=int() as up)):
                return _climbed(self.text(inner, module), up + 1)
            case ast.Subscript(value=holder, slice=key) if module.dotted(holder) == "os.environ":
                return self._variable(self.text(key, module), None)
            case ast.Call():
                return self._call(node, module)
            case _:
                return hole(_called(node))

    def _operation(self, left: ast.expr, operator: ast.operator, right: ast.expr, module: Module) -> str:
        first = self.text(left, module)
        match operator:
            case ast.Add():
                return first + self.text(right, module)
            case ast.Div():
                return join(first, self.text(right, module))
            case ast.Mod():
                values = right.elts if isinstance(right, ast.Tuple) else [right]
                parts = first.split("%s")
                if "%" in "".join(parts) or len(parts) != len(values) + 1:
                    return hole()
                return _interleaved(parts, [self.text(value, module) for value in values])
            case _:
                return hole()

    def _attribute(self, node: ast.Attribute, module: Module) -> str:
        if node.attr == "parent":
            return _climbed(self.text(node.value, module), 1)
        bound, home = self._imported(module.dotted(node), module)
        return self.text(bound, home) if bound else hole(_called(node))

    def _call(self, call: ast.Call, module: Module) -> str:
        dotted = module.dotted(call.func)
        arguments = [self.text(argument, module) for argument in call.args[:20]]
        if dotted in _JOINS and arguments:
            return join(*arguments)
        if dotted in _SAME and len(arguments) == 1:
            return arguments[0]
        if dotted == "os.path.dirname" and len(arguments) == 1:
            return _climbed(arguments[0], 1)
        if dotted == "os.path.basename" and len(arguments) == 1 and HOLE not in arguments[0]:
            return basename(arguments[0])
        if dotted == "os.path.expanduser" and len(arguments) == 1:
            return _expanded_home(arguments[0], self.runtime.variables)
        if dotted in _READERS and arguments:
            return self._variable(arguments[0], arguments[1] if len(arguments) > 1 else None)
        if isinstance(call.func, ast.Attribute):
            return self._method(call, call.func, arguments, module)
        return hole(_called(call))

    def _method(self, call: ast.Call, func: ast.Attribute, arguments: Sequence[str], module: Module) -> str:
        if func.attr in _SAME_METHODS:
            return self.text(func.value, module)
        if func.attr == "joinpath":
            return join(self.text(func.value, module), *arguments)
        if func.attr == "format":
            named = {each.arg: self.text(each.value, module) for each in call.keywords if each.arg}
            return _formatted(self.text(func.value, module), arguments, named)
        return hole(_called(call))

    def _variable(self, name: str, default: str | None) -> str:
        if name in self.runtime.variables:
            return self.runtime.variables[name]
        return hole(name) if default is None or name in self.runtime.exported else default


def _expanded_home(path: str, variables: Mapping[str, str]) -> str:
    """A path with ``~`` replaced by the home folder on MWAA."""
    home = variables.get("HOME", "~")
    return home + path[1:] if path == "~" or path.startswith("~/") else path


def _climbed(path: str, levels: int) -> str:
    """The folder so many levels above a path."""
    for _ in range(min(levels, 50)):
        if HOLE in basename(path):
            return hole()
        path = dirname(path)
    return path


def _changed_name(node: ast.AST) -> str:
    match node:
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _CHANGING:
            return name
        case _:
            return ""


def _merged(parts: Sequence[Variables]) -> Variables:
    variables: dict[str, str] = {}
    for each, _ in parts:
        variables |= each
    return variables, all(complete for _, complete in parts)


def _interleaved(parts: Sequence[str], values: Sequence[str]) -> str:
    return parts[0] + "".join(value + part for value, part in zip(values, parts[1:], strict=True))


def _formatted(template: str, arguments: Sequence[str], named: Mapping[str, str]) -> str:
    """``template.format(...)`` for plain fields; a hole for every other field."""
    values: Callable[[int], str] = lambda index: arguments[index] if index < len(arguments) else hole()  # noqa: E731
    result, position = "", 0
    try:
        for literal, name, spec, conversion in string.Formatter().parse(template):
            result += literal
            if name is None:
                continue
            if spec or conversion:
                result += hole(name)
            elif name == "":
                result, position = result + values(position), position + 1
            else:
                result += values(int(name)) if name.isdecimal() else named.get(name, hole(name))
    except ValueError:
        return hole()
    return result


def _called(node: ast.expr) -> str:
    """What the author calls a value: the names of an attribute chain or of what is called."""
    if isinstance(node, ast.Call):
        node = node.func
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ".".join(reversed(parts))
