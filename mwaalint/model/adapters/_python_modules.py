"""Python files as far as constants need them: scopes, what is bound in them, imports across the repository, callers."""

from __future__ import annotations

import ast
import posixpath
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from mwaalint.cached import cached_property
from mwaalint.documents.python_lines import Lines
from mwaalint.documents.python_walk import children, statements, walk
from mwaalint.findings import WHOLE_FILE, Location
from mwaalint.model.adapters._graphs import reached
from mwaalint.model.layout import is_test
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mwaalint.discover import Project
    from mwaalint.source import Span

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_SCOPES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_DECIDING = (ast.If, ast.While, ast.Try, ast.IfExp, ast.Match, ast.For, ast.Lambda, ast.comprehension)
_MUTATORS = frozenset({"append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"})

# What a name is bound to: an expression, or None where that is not simply an expression (a loop, a with, a def).
Bindings = dict[str, list[ast.expr | None]]


@dataclass(eq=False)
class Module:
    """A parsed file."""

    file: SourceFile
    tree: ast.Module
    _bindings: dict[ast.AST, Bindings] = field(default_factory=dict)
    _attributes: dict[ast.ClassDef, Bindings] = field(default_factory=dict)
    _own_calls: dict[ast.ClassDef, dict[str, list[ast.Call]]] = field(default_factory=dict)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of every node."""
        found: dict[ast.AST, ast.AST] = {}
        waiting: list[ast.AST] = [self.tree]
        for node in waiting:
            below = children(node)
            found.update(dict.fromkeys(below, node))
            waiting += below
        return found

    @cached_property
    def imports(self) -> dict[str, str]:
        """The dotted name behind each imported one; relative imports keep their leading dots."""
        found: dict[str, str] = {}
        for node in statements(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (f"{node.module}." if node.module else "")
                found.update({alias.asname or alias.name: base + alias.name for alias in node.names})
        return found

    @cached_property
    def declared_global(self) -> frozenset[str]:
        """The names that functions of the module rebind."""
        found = (node for node in statements(self.tree) if isinstance(node, ast.Global))
        return frozenset(name for node in found for name in node.names)

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.file)

    def span(self, node: ast.expr | ast.keyword) -> Span:
        """The byte span of a node; the whole file for one that is nowhere."""
        return self._lines.span(node) or WHOLE_FILE

    def at(self, node: ast.expr | ast.keyword, symbol: str) -> Location:
        """The place of a node."""
        return Location(self.file.path, self.span(node), symbol)

    def dotted(self, node: ast.AST) -> str:
        """The dotted name of a name or attribute, its first part as imported; "" for any other expression."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    def scopes(self, node: ast.AST) -> Iterator[ScopeNode]:
        """The scopes around a node, from the inside: the functions, and the module. A class is one for its own body."""
        inner = True
        while (parent := self.parents.get(node)) is not None:
            # A decorator and a default belong to the scope outside the function.
            if isinstance(parent, _SCOPES) and node in _body(parent):
                if inner or not isinstance(parent, ast.ClassDef):
                    yield parent
                inner = False
            elif isinstance(parent, ast.Module):
                yield parent
            node = parent

    def enclosing_class(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose method holds the node."""
        while (parent := self.parents.get(node)) is not None:
            if isinstance(parent, ast.ClassDef):
                return parent
            node = parent
        return None

    def bindings(self, scope: ScopeNode) -> Bindings:
        """What the names of a scope are bound to there."""
        if scope not in self._bindings:
            self._bindings[scope] = _bindings(scope)
        return self._bindings[scope]

    def attribute_bindings(self, owner: ast.ClassDef, attribute: str) -> list[ast.expr | None]:
        """What an attribute of a class is bound to, in its body and as ``self.attribute``."""
        if owner not in self._attributes:
            self._attributes[owner] = _self_bindings(owner)
        return [*self.bindings(owner).get(attribute, ()), *self._attributes[owner].get(attribute, ())]

    def own_calls(self, owner: ast.ClassDef, method: str) -> list[ast.Call]:
        """Where the methods of a class call another one of it."""
        if owner not in self._own_calls:
            found: dict[str, list[ast.Call]] = defaultdict(list)
            for node in walk(owner):
                match node:
                    case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                        found[name].append(node)
                    case _:
                        pass
            self._own_calls[owner] = dict(found)
        return self._own_calls[owner].get(method, [])

    def the_one(self, bound: list[ast.expr | None]) -> ast.expr | None:
        """The only expression, or a conditional one where an ``if`` and its ``else`` bind one each."""
        match bound:
            case [ast.expr() as only]:
                return only
            case [ast.expr() as yes, ast.expr() as no]:
                first, second = self.parents[yes], self.parents[no]
                branch = self.parents[first]
                if isinstance(branch, ast.If) and first in branch.body and second in branch.orelse:
                    return ast.copy_location(ast.IfExp(branch.test, yes, no), yes)
            case _:
                pass
        return None


@dataclass(eq=False)
class Modules:
    """The Python files of a project, parsed when first needed."""

    files: Mapping[str, SourceFile]
    project: Project
    _parsed: dict[str, Module | None] = field(default_factory=dict)
    _calls: dict[tuple[str, str], list[tuple[Module, ast.Call]] | None] = field(default_factory=dict)

    def module(self, path: str) -> Module | None:
        """A file's module; None when it is not there or does not parse."""
        if path not in self._parsed:
            file = self.files.get(path)
            self._parsed[path] = _parse(file) if file else None
        return self._parsed[path]

    def imported(self, dotted: str, importer: Module) -> tuple[Module, list[str]] | None:
        """The file of the repository that an imported dotted name leads to, with the parts of the name behind it."""
        folder = posixpath.dirname(importer.file.path)
        name = dotted.lstrip(".")
        level = len(dotted) - len(name)
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        parts = name.split(".")
        for base in [folder] if level else _ancestors(folder):
            for count in range(len(parts), 0, -1):
                stem = posixpath.join(base, *parts[:count])
                for path in (f"{stem}.py", f"{stem}/__init__.py"):
                    if module := self.module(path):
                        return module, parts[count:]
        return None

    def linked(self, start: Sequence[Module], among: Sequence[Module]) -> list[Module]:
        """The modules that import one of ``start``, directly or not, and all that these import."""
        imports = {module: self._imports(module) for module in among}
        importers: dict[Module, list[Module]] = defaultdict(list)
        for module, imported in imports.items():
            for each in imported:
                importers[each].append(module)
        used = reached(reached(start, lambda module: importers[module]), lambda module: imports.get(module, ()))
        return [module for module in among if module in used]

    def _imports(self, module: Module) -> list[Module]:
        found = (self.imported(dotted, module) for dotted in module.imports.values())
        return [each[0] for each in found if each is not None]

    def calls(self, target: ast.ClassDef | FunctionNode, owner: Module) -> list[tuple[Module, ast.Call]] | None:
        """Where the project, but for its tests, calls a class or function of a module; None when it has subclasses."""
        key = (owner.file.path, target.name)
        if key not in self._calls:
            self._calls[key] = self._find_calls(target, owner)
        return self._calls[key]

    def _find_calls(self, target: ast.ClassDef | FunctionNode, owner: Module) -> list[tuple[Module, ast.Call]] | None:
        found: list[tuple[Module, ast.Call]] = []
        for path in [path for path, file in self.files.items() if not is_test(path) and holds(file, target.name)]:
            module = self.module(path)
            for node in walk(module.tree) if module else ():
                if isinstance(node, ast.ClassDef) and any(self._is(base, target, owner, module) for base in node.bases):
                    return None
                if isinstance(node, ast.Call) and self._is(node.func, target, owner, module):
                    assert module is not None
                    found.append((module, node))
        return found

    def _is(self, node: ast.expr, target: ast.ClassDef | FunctionNode, owner: Module, module: Module | None) -> bool:
        dotted = module.dotted(node) if module else ""
        if module is None or dotted.rpartition(".")[2] != target.name:
            return False
        if module is owner and dotted == target.name:
            return True
        return self.imported(dotted, module) == (owner, [target.name])


def holds(file: SourceFile, *texts: str) -> bool:
    """Whether a file's bytes hold every one of the texts; False for a file that cannot be read."""
    try:
        return file.holds(*(text.encode() for text in texts))
    except UnreadableFileError:
        return False


def is_self_attribute(node: ast.AST, attribute: str) -> TypeGuard[ast.Attribute]:
    """Whether a node is ``self.attribute``."""
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name == attribute
        case _:
            return False


def has_parameter(scope: ScopeNode, name: str) -> bool:
    """Whether a scope is a function with a parameter of this name."""
    if isinstance(scope, ast.Module | ast.ClassDef):
        return False
    return any(isinstance(node, ast.arg) and node.arg == name for node in walk(scope.args))


def mutated(scope: ast.AST, name: str, *, of_self: bool = False) -> bool:
    """Whether something in a scope changes the list or dict behind a name, or behind ``self.name``."""
    return next(_changes(scope, name, of_self=of_self), None) is not None


def rewritten_keys(scope: ast.AST, name: str) -> frozenset[str] | None:
    """The keys a scope writes to in the dict behind a name; None where it changes it in another way, too."""
    keys: set[str] = set()
    for change in _changes(scope, name, of_self=False):
        key = _written_key(change)
        if key is None:
            return None
        keys.add(key)
    return frozenset(keys)


def _changes(scope: ast.AST, name: str, *, of_self: bool) -> Iterator[ast.expr]:
    def is_it(node: ast.AST) -> bool:
        return is_self_attribute(node, name) if of_self else isinstance(node, ast.Name) and node.id == name

    for node in walk(scope):
        match node:
            case ast.Subscript(value=target, ctx=ast.Store() | ast.Del()) if is_it(target):
                yield node
            case ast.Call(func=ast.Attribute(value=target, attr=method)) if method in _MUTATORS and is_it(target):
                yield node
            case _:
                pass


def _written_key(change: ast.expr) -> str | None:
    match change:
        case ast.Subscript(slice=ast.Constant(value=str() as key)):
            return key
        case _:
            return None


def _parse(file: SourceFile) -> Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Module(file, ast.parse(file.text))
    except (UnreadableFileError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _ancestors(folder: str) -> list[str]:
    found = [folder]
    while folder:
        folder = posixpath.dirname(folder)
        found.append(folder)
    return found


def _body(scope: ast.AST) -> list[ast.AST]:
    body = getattr(scope, "body", [])
    return body if isinstance(body, list) else [body]


def _nodes(scope: ScopeNode) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the scopes inside it, though with these themselves."""
    waiting = _body(scope)[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += children(node)[::-1]


def _assigned(nodes: Iterable[ast.AST]) -> dict[ast.AST, ast.expr]:
    """The expression each simple target of an assignment gets."""
    found: dict[ast.AST, ast.expr] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            found.update(dict.fromkeys(node.targets, node.value))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found[node.target] = node.value
    return found


def _self_bindings(owner: ast.ClassDef) -> Bindings:
    """What each attribute of ``self`` is bound to in a class."""
    found: Bindings = defaultdict(list)
    values = _assigned(walk(owner))
    for node in walk(owner):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store() | ast.Del()):
                found[name].append(values.get(node))
            case _:
                pass
    return dict(found)


def _bindings(scope: ScopeNode) -> Bindings:
    found: Bindings = defaultdict(list)
    nodes = list(_nodes(scope))
    values = _assigned(nodes)
    annotated = {node.target for node in nodes if isinstance(node, ast.AnnAssign) and node.value is None}
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if node not in annotated:
                found[name].append(values.get(node))
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found[name].append(None)
            case ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name):
                found[name].append(None)
            case _:
                pass
    return dict(found)


def block_of(node: ast.AST, module: Module) -> str:
    """The condition, loop or other block in its function that decides whether a node runs; "" where none does."""
    while (parent := module.parents.get(node)) is not None and not isinstance(parent, FunctionNode):
        if isinstance(parent, _DECIDING):
            otherwise = getattr(parent, "orelse", ())
            arm = "else" if node is otherwise or (isinstance(otherwise, list) and node in otherwise) else ""
            return f"{module.file.path}:{getattr(parent, 'lineno', '')}{arm}"
        node = parent
    return ""
