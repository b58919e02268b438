"""Files of settings that a Python program loads: ``yaml.safe_load(open("config/prod.yaml"))`` and its like."""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING

from mwaalint.documents import yaml_nodes
from mwaalint.model.adapters._node_values import NodeValues
from mwaalint.model.adapters._options import either
from mwaalint.model.values import Value, possible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.model.adapters._python_modules import Module
    from mwaalint.model.adapters._python_values import PythonValues, Site
    from mwaalint.source import SourceFile

_LOADERS = frozenset({"json.load", "json.loads", "yaml.full_load", "yaml.load", "yaml.safe_load"})
_SAME_PATH = frozenset({"absolute", "as_posix", "expanduser", "resolve"})
_SAME_PATH_OF = frozenset(
    {"os.fspath", "os.path.abspath", "os.path.normpath", "os.path.realpath", "pathlib.Path", "str"}
)
_WORKING_FOLDER = frozenset({"os.getcwd", "pathlib.Path.cwd"})
_MOST_STEPS = 30


def loaded(call: ast.Call, site: Site, values: PythonValues) -> Value | None:
    """What a file of the project holds that a call loads; None for a call that loads none."""
    if site.module.dotted(call.func) not in _LOADERS or not call.args:
        return None
    path = _opened(call.args[0], site.module)
    if path is None:
        return None
    found = [_content(each, site, values) for each in _Paths(site, values).of(path)]
    if not found:
        return site.missing("which file is read is not known")
    return either(found, site.missing)


def _opened(node: ast.expr | None, module: Module) -> ast.expr | None:
    """The expression for the path of a file, from one for the open file or for its text."""
    for _ in range(_MOST_STEPS):
        match node:
            case ast.Call(func=ast.Name(id="open"), args=[path, *_]):
                return path
            case ast.Call(func=ast.Attribute(value=path, attr="open" | "read_text")):
                return path
            case ast.Call(func=ast.Attribute(value=opened, attr="read"), args=[]):
                node = opened
            case ast.Name():
                node = _opened_as(node, module)
            case _:
                return None
    return None


def _opened_as(name: ast.Name, module: Module) -> ast.expr | None:
    """What the ``with`` around a name opens under that name."""
    node: ast.AST | None = name
    while node is not None:
        for item in node.items if isinstance(node, ast.With) else ():
            if isinstance(item.optional_vars, ast.Name) and item.optional_vars.id == name.id:
                return item.context_expr
        node = module.parents.get(node)
    return None


def _content(path: str, site: Site, values: PythonValues) -> Value:
    file = _file(path, site, values)
    if file is None:
        return site.missing("the file is not in the project")
    try:
        roots = yaml_nodes.read(file)
    except yaml_nodes.YamlError as error:
        return site.missing(str(error))
    return (
        NodeValues(file).value(roots[0], site.symbol) if len(roots) == 1 else site.missing("it holds no one document")
    )


def _file(path: str, site: Site, values: PythonValues) -> SourceFile | None:
    """The file at a path of the project ("/..."), or at one relative to the folder the program is run in."""
    project = values.modules.project
    if path.startswith("/"):
        return project.get(posixpath.normpath(path).lstrip("/"))
    own = site.module.file.path
    folders = dict.fromkeys((values.settings.app_folder(own), posixpath.dirname(own)))
    found = {
        file.path: file for each in folders if (file := project.get(posixpath.normpath(posixpath.join(each, path))))
    }
    return next(iter(found.values())) if len(found) == 1 else None


class _Paths:
    """Paths as expressions: those that start at ``__file__`` as "/" and the path in the project, others relative."""

    def __init__(self, site: Site, values: PythonValues) -> None:
        self.site = site
        self.module = site.module
        self.values = values
        self.steps = _MOST_STEPS

    def of(self, node: ast.expr) -> list[str]:
        """The paths an expression may be; nothing when that is not known."""
        self.steps -= 1
        if self.steps < 0:
            return []
        match node:
            case ast.Name(id="__file__"):
                return [f"/{self.module.file.path}"]
            case ast.Attribute(value=inner, attr="parent"):
                return [posixpath.dirname(path) for path in self.of(inner) if path.startswith("/")]
            case ast.Subscript(value=ast.Attribute(value=inner, attr="parents"), slice=ast.Constant(value=int() as up)):
                return [self._above(path, up + 1) for path in self.of(inner) if path.startswith("/")]
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._joined([left, right])
            case ast.Call():
                return self._of_call(node)
            case ast.Name(id=name) if (bound := self._bound(node, name)) is not None:
                return self.of(bound)
            case _:
                return self._texts(node)

    def _of_call(self, node: ast.Call) -> list[str]:
        name = self.module.dotted(node.func)
        match node:
            case ast.Call(args=[inner]) if name in _SAME_PATH_OF:
                return self.of(inner)
            case ast.Call(args=[]) if name in _WORKING_FOLDER:
                return [f"/{self.values.settings.app_folder(self.module.file.path)}"]
            case ast.Call(args=[inner]) if name == "os.path.dirname":
                return [posixpath.dirname(path) for path in self.of(inner) if path.startswith("/")]
            case ast.Call(args=[_, *_] as parts) if name in ("os.path.join", "pathlib.Path"):
                return self._joined(parts)
            case ast.Call(func=ast.Attribute(value=inner, attr="joinpath"), args=[*parts]):
                return self._joined([inner, *parts])
            case ast.Call(func=ast.Attribute(value=inner, attr=method), args=[]) if method in _SAME_PATH:
                return self.of(inner)
            case _:
                return self._texts(node)

    def _joined(self, parts: Sequence[ast.expr]) -> list[str]:
        paths = [""]
        for part in parts:
            paths = [posixpath.join(path, each) for path in paths for each in self.of(part)]
        return paths

    def _texts(self, node: ast.expr) -> list[str]:
        """The texts of a value. One that is absolute names a file of the machine."""
        texts = [option.value for option in possible(self.values.value(self.site.to(node)))]
        return [text for text in texts if isinstance(text, str) and text and not text.startswith(("/", "~"))]

    def _bound(self, node: ast.expr, name: str) -> ast.expr | None:
        """What the name is bound to where that is an expression of paths, which only this module's names are."""
        for scope in self.module.scopes(node):
            bound = self.module.bindings(scope).get(name)
            if bound:
                return self.module.the_one(bound)
        return None

    @staticmethod
    def _above(path: str, levels: int) -> str:
        for _ in range(min(levels, _MOST_STEPS)):
            path = posixpath.dirname(path)
        return path
