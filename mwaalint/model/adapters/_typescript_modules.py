"""TypeScript and JavaScript files as far as constants need them: imports across the repository, callers, changes."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from mwaalint.documents import typescript, yaml_nodes
from mwaalint.documents.typescript_syntax import (
    Bound,
    Call,
    Expression,
    Import,
    Index,
    Member,
    Name,
    Scope,
    Script,
    This,
)
from mwaalint.findings import Location
from mwaalint.model.adapters._graphs import reached
from mwaalint.model.adapters._node_values import NodeValues
from mwaalint.model.values import Unresolved
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.discover import Project
    from mwaalint.model.values import Value
    from mwaalint.source import SourceFile, Span

SUFFIXES = (".ts", ".tsx", ".js", ".mjs")

# A program that people write is smaller; a bundle of programs is not read.
MAX_BYTES = 512 * 1024

_NO_PROGRAM = regex(
    r"\.d\.ts$|[.-](test|spec)\.[tj]sx?$|\.min\.js$|(^|/)(node_modules|cdk\.out|tests?|__tests__|__mocks__)/"
)
_MUTATORS = frozenset({"push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "set", "delete"})
_OBJECT_MUTATORS = frozenset({"assign", "defineProperty", "defineProperties", "setPrototypeOf"})


def programs(project: Project) -> dict[str, SourceFile]:
    """The programs of a project by path: no tests, no declarations, nothing compiled from a program beside it."""
    found = {path: file for path, file in project.files.items() if path.endswith(SUFFIXES)}
    return {
        path: file
        for path, file in found.items()
        if not _NO_PROGRAM.search(path) and not (path.endswith(".js") and f"{path[:-3]}.ts" in found)
    }


def holds(file: SourceFile, *texts: str) -> bool:
    """Whether a file's bytes hold every one of the texts; False for a file that cannot be read."""
    try:
        return all(text.encode() in file.data for text in texts)
    except UnreadableFileError:
        return False


@dataclass(eq=False)
class Scripts:
    """The programs of a project, parsed when first needed."""

    project: Project
    files: dict[str, SourceFile]
    _parsed: dict[str, Script | None] = field(default_factory=dict)
    _rebound: dict[str, dict[str, list[Bound]]] = field(default_factory=dict)
    _changed: dict[str, frozenset[tuple[int, str]]] = field(default_factory=dict)

    def script(self, path: str) -> Script | None:
        """A file's tree; None when it is not there or cannot be read."""
        if path not in self._parsed:
            self._parsed[path] = self._parse(self.files.get(path))
        return self._parsed[path]

    def holding(self, *texts: str) -> Iterator[Script]:
        """The scripts whose bytes hold all of the texts, in path order."""
        for path, file in self.files.items():
            if holds(file, *texts) and (script := self.script(path)) is not None:
                yield script

    def linked(self, start: Sequence[Script], among: Sequence[Script]) -> list[Script]:
        """The scripts that import one of ``start``, directly or not, and all that these import."""
        imports = {script.file.path: self._imports(script) for script in among}
        importers: dict[str, list[str]] = defaultdict(list)
        for path, imported in imports.items():
            for each in imported:
                importers[each].append(path)
        users = reached((script.file.path for script in start), lambda path: importers[path])
        used = reached(users, lambda path: imports.get(path, ()))
        return [script for script in among if script.file.path in used]

    def _imports(self, script: Script) -> list[str]:
        bound = (each.value for names in script.scope.names.values() for each in names)
        modules = {each.module for each in bound if isinstance(each, Import)} | set(script.exported_modules)
        return [path for module in sorted(modules) if (path := self.path_of(module, script)) is not None]

    def path_of(self, module: str, importer: Script) -> str | None:
        """The file of the repository that an import of a relative path leads to."""
        if not module.startswith("."):
            return None
        stem = posixpath.normpath(posixpath.join(posixpath.dirname(importer.file.path), module))
        plain = re.sub(r"\.[cm]?js$", "", stem)
        candidates = [stem, *(f"{each}{suffix}" for each in (stem, plain) for suffix in SUFFIXES)]
        candidates += [f"{stem}/index{suffix}" for suffix in SUFFIXES]
        return next((path for path in candidates if path in self.files or self._is_data(path)), None)

    def changed(self, script: Script) -> frozenset[tuple[int, str]]:
        """The names, by scope or class, behind which an object or list is changed after it was made."""
        path = script.file.path
        if path not in self._changed:
            owners = (_owner(target, scope) for target, scope in _changes(script))
            self._changed[path] = frozenset(owner for owner in owners if owner)
        return self._changed[path]

    def rebound(self, script: Script, name: str) -> list[Bound]:
        """What a file assigns to a name, or to a field called ``this.name``."""
        path = script.file.path
        if path not in self._rebound:
            self._rebound[path] = defaultdict(list)
            for each in script.assignments:
                bound = Bound(each.value if each.operator == "=" else None, each.scope)
                self._rebound[path][_written(each.target)].append(bound)
        return self._rebound[path].get(name, [])

    def data(self, path: str) -> Value:
        """What a JSON file of the project holds."""
        file = self.project.get(path)
        try:
            roots = yaml_nodes.read(file) if file is not None else []
        except yaml_nodes.YamlError:
            roots = []
        if file is None or not roots:
            return Unresolved(path, "the file cannot be read", Location(path))
        return NodeValues(file).value(roots[0], posixpath.basename(path))

    def _is_data(self, path: str) -> bool:
        return path.endswith(".json") and self.project.get(path) is not None

    def _parse(self, file: SourceFile | None) -> Script | None:
        try:
            return typescript.parse(file) if file is not None and len(file.data) <= MAX_BYTES else None
        except UnreadableFileError:
            return None


def branches(found: Sequence[Bound], home: Scope) -> bool:
    """Whether two things are bound in an ``if`` and its ``else``, so that one of them is."""
    if len(found) != 2:
        return False
    yes, no = (_branch(bound.scope) for bound in found)
    decided = yes[0] is no[0] and yes[0] is not None and yes[0].parent is home
    return decided and not yes[1] and no[1]


def _branch(scope: Scope) -> tuple[Scope | None, bool]:
    """The ``if`` that a scope is a branch of, and whether it is its ``else``."""
    above = [scope, *islice(scope.chain(), 1, 3)]
    kinds = [each.kind for each in above]
    for depth in (0, 1):
        if kinds[depth : depth + 1] == ["if_statement"]:
            return above[depth], False
        if kinds[depth : depth + 2] == ["else_clause", "if_statement"]:
            return above[depth + 1], True
    return None, False


def _written(target: Expression) -> str:
    match target:
        case Name(name=name):
            return name
        case Member(base=This(), name=name):
            return f"this.{name}"
        case _:
            return ""


def _changes(script: Script) -> Iterator[tuple[Expression, Scope]]:
    """What is changed in place, with the scope it is named in."""
    for assignment in script.assignments:
        target = assignment.target
        if isinstance(target, Member | Index):
            # ``this.x = ...`` binds a field; ``this.x.y = ...`` changes what is in it.
            yield target.base, assignment.scope
    for call, scope in script.calls:
        match call:
            case Call(function=Member(base=Name(name="Object"), name=method), arguments=[target, *_]):
                if method in _OBJECT_MUTATORS:
                    yield target, scope
            case Call(function=Member(base=target, name=method)) if method in _MUTATORS:
                yield target, scope
            case _:
                pass


def _owner(target: Expression, scope: Scope) -> tuple[int, str] | None:
    """The name at the root of an expression, with what it belongs to."""
    while isinstance(target, Member | Index):
        if isinstance(target, Member) and isinstance(target.base, This):
            owner = scope.this()
            return (id(owner), target.name) if owner is not None else None
        target = target.base
    home = scope.declaring(target.name) if isinstance(target, Name) else None
    return (id(home), target.name) if home is not None and isinstance(target, Name) else None


def namespace(module: str, name: str) -> str:
    """How an imported name is called by its module: the default export and the module itself are one."""
    return module if name in ("*", "default") else f"{module}.{name}"


def joined(imported: Import, name: str, span: Span) -> Import:
    """A member of something imported."""
    whole = name if imported.name in ("*", "default") else f"{imported.name}.{name}"
    return Import(imported.module, whole, span)
