"""What a CDK app copies to a bucket: ``BucketDeployment`` with assets of the repository."""

from __future__ import annotations

import ast
import posixpath
from typing import TYPE_CHECKING

from mwaalint.documents.python_walk import walk
from mwaalint.model.adapters._python_modules import has_parameter
from mwaalint.model.adapters._python_values import Site
from mwaalint.model.environment import Upload
from mwaalint.model.values import Absent, Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.model.adapters._python_modules import Module
    from mwaalint.model.adapters._python_values import PythonValues

DEPLOYMENT = "aws_cdk.aws_s3_deployment.BucketDeployment"

_SOURCE = "aws_cdk.aws_s3_deployment.Source"
_SAME_PATH = frozenset({"os.path.abspath", "os.path.realpath", "os.path.normpath", "str", "os.fspath", "pathlib.Path"})
_SAME_PATH_METHODS = frozenset({"resolve", "absolute", "as_posix"})
_MAX_DEPTH = 30


def uploads(call: ast.Call, values: PythonValues, module: Module, name: str) -> Iterator[Upload]:
    """The uploads of a ``BucketDeployment``; none when its prefix in the bucket is not known."""
    arguments = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    prefix = ""
    if "destination_key_prefix" in arguments:
        found = values.value(Site(arguments["destination_key_prefix"], module, name))
        if not isinstance(found, Absent):
            if not (isinstance(found, Known) and isinstance(found.value, str)):
                return
            prefix = found.value.strip("/")
    sources = arguments.get("sources")
    for source in sources.elts if isinstance(sources, ast.List | ast.Tuple) else ():
        if isinstance(source, ast.Call):
            yield from _uploads(source, prefix, values, module, name)


def _uploads(source: ast.Call, prefix: str, values: PythonValues, module: Module, name: str) -> Iterator[Upload]:
    location = module.at(source, name)
    match module.dotted(source.func).removeprefix(f"{_SOURCE}."), source.args:
        case "asset", [path, *_]:
            folder = _Paths(values, module).existing(path)
            if folder is None or values.modules.project.get(folder) is not None:
                return
            kept = _kept(source)
            if kept is None:
                yield Upload(folder, prefix, location, address=name, recursive=True)
            for path_below in kept or ():
                if values.modules.project.get(posixpath.join(folder, path_below)) is not None:
                    yield Upload(
                        posixpath.join(folder, path_below), posixpath.join(prefix, path_below), location, address=name
                    )
        case "data", [key, content]:
            file = _Paths(values, module).text_of(content)
            known = values.value(Site(key, module, name))
            if file is not None and isinstance(known, Known) and isinstance(known.value, str):
                yield Upload(file, posixpath.join(prefix, known.value), location, address=name)
        case _:
            pass


def _kept(source: ast.Call) -> list[str] | None:
    """The files that an asset leaves over when it excludes everything else; None for an upload of the whole folder."""
    excluded = next((keyword.value for keyword in source.keywords if keyword.arg == "exclude"), None)
    patterns = [node.value for node in walk(excluded) if isinstance(node, ast.Constant)] if excluded else []
    if not any(pattern in ("*", "**", "**/*") for pattern in patterns):
        return None
    return [pattern[1:].lstrip("/") for pattern in patterns if isinstance(pattern, str) and pattern.startswith("!")]


class _Paths:
    """Evaluates expressions that make paths of the repository from ``__file__`` and literals."""

    def __init__(self, values: PythonValues, module: Module) -> None:
        self._values = values
        self._module = module

    def existing(self, node: ast.expr) -> str | None:
        """The path in the project of a folder or file that is there, from the app's folder or else from the root."""
        path = self._path(node, 0)
        if path is None:
            return None
        project = self._values.modules.project
        app = self._values.settings.app_folder(self._module.file.path)
        bases = [""] if path.startswith("/") else list(dict.fromkeys([app, ""]))
        for base in bases:
            candidate = posixpath.normpath(posixpath.join(base, path.lstrip("/"))).removeprefix(".").lstrip("/")
            if candidate.startswith("."):
                continue
            if project.get(candidate) is not None or project.has_folder(candidate):
                return candidate
        return None

    def text_of(self, node: ast.expr) -> str | None:
        """The file of the project whose text an expression reads, else None."""
        match self._followed(node):
            case ast.Call(func=ast.Attribute(value=path, attr="read_text")):
                found = self.existing(path)
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="open"), args=[path, *_]), attr="read")):
                found = self.existing(path)
            case _:
                return None
        return found if found is not None and self._values.modules.project.get(found) else None

    def _followed(self, node: ast.expr) -> ast.expr:
        """The expression a name is bound to once, else the node itself."""
        if isinstance(node, ast.Name):
            for scope in self._module.scopes(node):
                if has_parameter(scope, node.id):
                    return node
                if bound := self._module.bindings(scope).get(node.id):
                    return self._module.the_one(bound) or node
        return node

    def _path(self, node: ast.expr, depth: int) -> str | None:
        """A path as text; with a slash in front it starts at the project's root."""
        if depth > _MAX_DEPTH:
            return None
        node = self._followed(node)
        match node:
            case ast.Name(id="__file__"):
                return f"/{self._module.file.path}"
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._joined([left, right], depth)
            case ast.Attribute(value=inner, attr="parent"):
                return _parent(self._path(inner, depth + 1))
            case ast.Call(func=ast.Attribute(value=inner, attr=method), args=[]) if method in _SAME_PATH_METHODS:
                return self._path(inner, depth + 1)
            case ast.Call(func=func, args=[first, *rest]):
                return self._called(self._module.dotted(func), first, rest, depth)
            case _:
                found = self._values.value(Site(node, self._module, "path"))
                literal = found.value if isinstance(found, Known) else None
                return literal if isinstance(literal, str) and not literal.startswith("/") else None

    def _called(self, name: str, first: ast.expr, rest: Sequence[ast.expr], depth: int) -> str | None:
        if name == "os.path.dirname":
            return _parent(self._path(first, depth + 1))
        if name == "os.path.join" or (name == "pathlib.Path" and rest):
            return self._joined([first, *rest], depth)
        return self._path(first, depth + 1) if name in _SAME_PATH else None

    def _joined(self, parts: Sequence[ast.expr], depth: int) -> str | None:
        paths = [self._path(part, depth + 1) for part in parts]
        known = [path for path in paths if path is not None]
        return posixpath.join(*known) if len(known) == len(paths) else None


def _parent(path: str | None) -> str | None:
    return posixpath.dirname(path) if path and path.startswith("/") else None
