"""Terragrunt's files: what a terragrunt.hcl deploys, and the inputs it has from itself and from what it includes.

https://terragrunt.gruntwork.io/docs/reference/hcl/
"""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mwaalint.cached import cached_property
from mwaalint.documents.terraform_syntax import GetAttr
from mwaalint.findings import Location
from mwaalint.model.adapters.terraform_eval import evaluate, follow
from mwaalint.model.adapters.terraform_files import read_by
from mwaalint.model.adapters.terraform_modules import Problems, parsed
from mwaalint.model.adapters.terraform_scope import Budget, Scope
from mwaalint.model.adapters.terraform_values import PATH_MARK, Site, project_path
from mwaalint.model.values import ABSENT, Absent, Known, Unresolved, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mwaalint.documents.terraform_syntax import Attribute, Block, Step, TerraformFile
    from mwaalint.source import SourceFile

UNIT = "terragrunt.hcl"
_DEEPEST = 8


class Tree:
    """The files of a project by path, and its folders. Many units read the same files, so each is parsed once."""

    def __init__(self, files: Mapping[str, SourceFile]) -> None:
        self.files = files
        self._parsed: dict[str, tuple[TerraformFile | None, Problems]] = {}

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that hold files, directly or not."""
        return frozenset(str(folder) for path in self.files for folder in PurePosixPath(path).parents)

    def parsed(self, path: str, problems: Problems) -> TerraformFile | None:
        """The tree of a file; what is wrong with it is noted for each that reads it."""
        if path not in self._parsed:
            own = Problems()
            self._parsed[path] = parsed(self.files[path], own), own
        tree, found = self._parsed[path]
        problems.take(found)
        return tree


class Configuration:
    """One file of Terragrunt's, and what the names in it mean for the unit in the folder ``unit``."""

    def __init__(
        self,
        project: Tree,
        path: str,
        unit: str,
        problems: Problems,
        reader: Configuration | None = None,
    ) -> None:
        self.project = project
        self.path = path
        self.folder = posixpath.dirname(path)
        self.root_folder = unit
        self.first_folder: str = reader.first_folder if reader else unit
        self.problems = problems
        self.depth: int = reader.depth + 1 if reader else 0
        self.budget: Budget = reader.budget if reader else Budget()
        self._read: dict[tuple[str, str], Configuration] = reader._read if reader else {}
        self._values: dict[str, Value] = {}
        self._busy: set[str] = set()

    @cached_property
    def tree(self) -> TerraformFile | None:
        """The blocks and attributes of the file; None where it cannot be read."""
        return self.project.parsed(self.path, self.problems)

    @cached_property
    def _locals(self) -> Mapping[str, Attribute]:
        return {name: item for block in self._blocks("locals") for name, item in block.attributes.items()}

    @cached_property
    def included(self) -> Mapping[str, Configuration]:
        """The files it includes, by the label of the block ("" for one without)."""
        found: dict[str, Configuration] = {}
        for block in self._blocks("include"):
            path = block.attributes.get("path")
            value = evaluate(path.expression, self._scope(path)) if path else ABSENT
            file = self._file(value)
            if file is not None and self.depth < _DEEPEST:
                found["".join(block.labels)] = Configuration(
                    self.project, file.path, self.root_folder, self.problems, self
                )
        return found

    @property
    def parent(self) -> str:
        """The folder of the file that the unit includes, for the functions that ask for it."""
        above = next(iter(self.included.values()), self)
        return above.folder

    @property
    def skipped(self) -> bool:
        """Whether Terragrunt passes the unit over."""
        value = self._attribute("skip")
        return isinstance(value, Known) and value.value is True

    @cached_property
    def source(self) -> tuple[Value, Location]:
        """What ``terraform { source }`` says here, else in what is included, and where."""
        for block in self._blocks("terraform"):
            item = block.attributes.get("source")
            if item is not None:
                return evaluate(item.expression, self._scope(item)), Location(item.file.path, item.span, "source")
        for included in reversed(list(self.included.values())):
            value, place = included.source
            if not isinstance(value, Absent):
                return value, place
        return ABSENT, Location(self.path, symbol="inputs")

    @cached_property
    def inputs(self) -> Mapping[str, Value] | None:
        """The inputs by name, with those of what is included; None where not even all names are known."""
        if "inputs" in self._busy:
            return None
        self._busy.add("inputs")
        try:
            return self._inputs()
        finally:
            self._busy.discard("inputs")

    def _inputs(self) -> Mapping[str, Value] | None:
        merged: dict[str, Value] = {}
        for block, included in zip(self._blocks("include"), self.included.values(), strict=False):
            strategy = self._strategy(block)
            inputs = {} if strategy == "no_merge" else included.inputs
            if inputs is None:
                return None
            merged = _merged(merged, inputs, deep=strategy == "deep")
        own = self._attribute("inputs")
        if isinstance(own, Absent):
            return merged
        if not (isinstance(own, Known) and isinstance(own.value, dict)):
            return None
        deep = any(self._strategy(block) == "deep" for block in self._blocks("include"))
        return _merged(merged, own.value, deep=deep)

    @property
    def variable_files(self) -> list[SourceFile] | None:
        """The files that ``extra_arguments`` passes to Terraform with -var-file; None where they are not known."""
        found: list[SourceFile] = []
        for block in (inner for outer in self._blocks("terraform") for inner in outer.blocks):
            for name in ("required_var_files", "optional_var_files"):
                item = block.attributes.get(name) if block.type == "extra_arguments" else None
                value = evaluate(item.expression, self._scope(item)) if item else Known((), Location(self.path))
                if not (isinstance(value, Known) and isinstance(value.value, tuple)):
                    return None
                files = [self._file(each) for each in value.value]
                if any(not isinstance(each, Known) for each in value.value):
                    return None
                found += [file for file in files if file is not None]
        for included in self.included.values():
            above = included.variable_files
            if above is None:
                return None
            found = above + found
        return found

    def _strategy(self, include: Block) -> str:
        item = include.attributes.get("merge_strategy")
        return str(getattr(item.expression, "value", "")) if item else ""

    def _blocks(self, kind: str) -> list[Block]:
        return [block for block in self.tree.blocks if block.type == kind] if self.tree else []

    def _attribute(self, name: str) -> Value:
        item = self.tree.attributes.get(name) if self.tree else None
        return evaluate(item.expression, self._scope(item)) if item else ABSENT

    def _scope(self, item: Attribute) -> Scope:
        return Scope(item.file, item.name, self.budget, self)

    def _file(self, value: Value) -> SourceFile | None:
        """The file of Terragrunt's that a path leads to."""
        text = value.value if isinstance(value, Known) else None
        path = project_path(text, self.folder) if isinstance(text, str) else None
        return self.project.files.get(path) if path is not None else None

    # What the names mean, as terraform_eval asks for it.

    def variable(self, _name: str, site: Site) -> Value:
        """Terragrunt has no variables."""
        return site.unresolved("a unit has no variables")

    def output(self, _name: str, _steps: Sequence[Step], _scope: Scope, site: Site) -> Value:
        """Nor modules."""
        return site.unresolved("a unit calls no modules")

    def local(self, name: str, site: Site) -> Value:
        """The value of ``local.name``."""
        item, key = self._locals.get(name), f"local.{name}"
        if item is None or key in self._busy:
            return site.unresolved("it refers to itself" if item else f"the local value {name} is not declared")
        if name not in self._values:
            self._busy.add(key)
            try:
                self._values[name] = evaluate(item.expression, self._scope(item))
            finally:
                self._busy.discard(key)
        return self._values[name]

    def data(self, _kind: str, _steps: Sequence[Step], _scope: Scope, site: Site) -> Value:
        """The value of ``data.kind``, which Terragrunt has not."""
        return site.unresolved("there are no data sources here")

    def resource(self, kind: str, name: str, steps: Sequence[Step], scope: Scope, site: Site) -> Value:
        """The value of ``include.name.locals.x``; what other units put out is known only once they are deployed."""
        if kind != "include":
            return site.unresolved("it is known only when Terragrunt runs")
        if "" in self.included:
            steps, name = (GetAttr(name), *steps), ""
        included = self.included.get(name)
        if included is None:
            return site.unresolved("what is included is not in the project")
        if len(steps) > 1 and steps[0] == GetAttr("locals") and isinstance(steps[1], GetAttr):
            return follow(included.local(steps[1].name, site), steps[2:], scope, site)
        return follow(included.contents(site), steps, scope, site)

    def contents(self, site: Site) -> Value:
        """The locals and inputs as one value."""
        locals_ = {name: self.local(name, site) for name in self._locals}
        inputs = self.inputs
        given = site.unresolved("the inputs are not known") if inputs is None else site.known(inputs)
        return site.known({"locals": site.known(locals_), "inputs": given})

    def function(self, name: str, arguments: Sequence[Value], site: Site) -> Value | None:
        """The result of Terragrunt's own functions, and of those that read files; None for any other."""
        own = _FUNCTIONS.get(name)
        if own is not None:
            return own(self, arguments, site)
        return read_by(name, arguments, site, self.project.files, self.folder)

    def read(self, arguments: Sequence[Value], site: Site) -> Value:
        """``read_terragrunt_config(path, default)``."""
        match arguments:
            case [Unresolved(reason=reason), *_]:
                return site.unresolved(reason)
            case [Known() as path, *default]:
                file = self._file(path)
                if file is None or self.depth >= _DEEPEST:
                    return default[0] if default and file is None else site.unresolved("the file is not in the project")
                folder = posixpath.dirname(file.path)
                other = self._read.setdefault(
                    (file.path, folder), Configuration(self.project, file.path, folder, self.problems, self)
                )
                return other.contents(site) if other is not self else site.unresolved("it refers to itself")
            case _:
                return site.failure("it is not valid")

    def found_above(self, arguments: Sequence[Value], site: Site) -> Value:
        """``find_in_parent_folders(name, fallback)``."""
        name: object = UNIT
        if arguments:
            name = arguments[0].value if isinstance(arguments[0], Known) else None
        if not isinstance(name, str):
            return site.unresolved("the name of the file is not known")
        folder = self.root_folder
        while folder:
            folder = posixpath.dirname(folder)
            path = posixpath.join(folder, name)
            if path in self.project.files or path in self.project.folders:
                return site.known(PATH_MARK + path)
        return arguments[1] if len(arguments) > 1 else site.unresolved("the file is not in the project")


def _merged(base: Mapping[str, Value], over: Mapping[str, Value], *, deep: bool) -> dict[str, Value]:
    """Inputs over other inputs; ``deep`` also merges maps and joins lists."""
    result = dict(base)
    for name, value in over.items():
        result[name] = _joined(result.get(name, ABSENT), value) if deep else value
    return result


def _joined(base: Value, over: Value) -> Value:
    match base, over:
        case Known(value=dict() as one), Known(value=dict() as two, origin=origin):
            return Known(_merged(one, two, deep=True), origin)
        case Known(value=tuple() as one), Known(value=tuple() as two, origin=origin):
            return Known((*one, *two), origin)
        case Unresolved(), Known(value=dict() | tuple(), origin=origin):
            return Unresolved("", "what it is merged with is not known", origin)
        case _:
            return over


def _environment_variable(_: Configuration, arguments: Sequence[Value], site: Site) -> Value:
    match arguments:
        case [_, Known(value=str() as default)] if default:
            return arguments[1]
        case _:
            return site.unresolved("an environment variable is read only when Terragrunt runs")


def _of_path(part: Callable[[str], str]) -> Callable[[Configuration, Sequence[Value], Site], Value | None]:
    """``dirname`` and ``basename`` of a path of the project; any other path is plain text, for Terraform's own."""

    def function(_: Configuration, arguments: Sequence[Value], site: Site) -> Value | None:
        match arguments:
            case [Known(value=str() as path)] if path.startswith(PATH_MARK):
                inside = posixpath.normpath(path.removeprefix(PATH_MARK).lstrip("/"))
                if inside in (".", "") or inside.startswith(".."):
                    return site.unresolved("it is a path of the machine")
                found = part(inside)
                return site.known(PATH_MARK + found if part is posixpath.dirname else found)
            case _:
                return None

    return function


def _relative(from_: str, to: str) -> str:
    return posixpath.relpath(f"/{to}", f"/{from_}")


_FUNCTIONS: Mapping[str, Callable[[Configuration, Sequence[Value], Site], Value | None]] = {
    "basename": _of_path(posixpath.basename),
    "dirname": _of_path(posixpath.dirname),
    "find_in_parent_folders": Configuration.found_above,
    "get_env": _environment_variable,
    "get_original_terragrunt_dir": lambda at, _, site: site.known(PATH_MARK + at.first_folder),
    "get_parent_terragrunt_dir": lambda at, _, site: site.known(PATH_MARK + at.parent),
    "get_path_from_repo_root": lambda at, _, site: site.known(at.root_folder or "."),
    "get_path_to_repo_root": lambda at, _, site: site.known(_relative(at.root_folder, "")),
    "get_repo_root": lambda _, __, site: site.known(PATH_MARK),
    "get_terragrunt_dir": lambda at, _, site: site.known(PATH_MARK + at.root_folder),
    "path_relative_from_include": lambda at, _, site: site.known(_relative(at.root_folder, at.parent)),
    "path_relative_to_include": lambda at, _, site: site.known(_relative(at.parent, at.root_folder)),
    "read_terragrunt_config": Configuration.read,
}
