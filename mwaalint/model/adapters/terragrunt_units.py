"""Terragrunt's units: the root modules that each terragrunt.hcl deploys, with its inputs."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.cached import cached_property
from mwaalint.documents.terraform_syntax import Attribute, Block, GetAttr, Literal, Reference
from mwaalint.model.adapters import terraform_published
from mwaalint.model.adapters.terraform_inputs import automatic, settings
from mwaalint.model.adapters.terraform_modules import Module, Problems
from mwaalint.model.adapters.terraform_values import project_path
from mwaalint.model.adapters.terragrunt import UNIT, Configuration, Tree
from mwaalint.model.values import Absent, Known, Unresolved, Value
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from mwaalint.model.adapters.terraform_instances import Input
    from mwaalint.source import SourceFile, Span

_MWAA = b"mwaa"
_VERSION = regex(r"[?&]version=([^&]+)")


class Deployed(NamedTuple):
    """A root module with the inputs that one unit gives it."""

    unit: str
    root: Module
    inputs: Mapping[str, Input]


class Unit(NamedTuple):
    """One terragrunt.hcl that deploys a module. ``problems`` is what could not be read for it."""

    configuration: Configuration
    problems: Problems

    @property
    def path(self) -> str:
        """The path of the file."""
        return self.configuration.path

    @property
    def folder(self) -> str:
        """The folder of the unit."""
        return self.configuration.folder

    @property
    def module(self) -> str | None:
        """The folder of the project that the source leads to; None where it leads out of the project."""
        source, _ = self.configuration.source
        if isinstance(source, Absent):
            return self.folder
        text = source.value if isinstance(source, Known) else None
        if not isinstance(text, str) or "::" in text:
            return None
        # What stands before the double slash is copied as a whole; the module is the folder after it.
        return project_path(text.partition("?")[0].replace("//", "/"), self.folder)


def units(files: Mapping[str, SourceFile]) -> list[Unit]:
    """The units among the files of a project; what only others include is none."""
    tree = Tree(files)
    found: list[Unit] = []
    included: set[str] = set()
    for path in files:
        if posixpath.basename(path) == UNIT:
            problems = Problems()
            configuration = Configuration(tree, path, posixpath.dirname(path), problems)
            included |= {each.path for each in configuration.included.values()}
            found.append(Unit(configuration, problems))
    return [unit for unit in found if unit.path not in included and not unit.configuration.skipped]


def deployed(
    project: Mapping[str, SourceFile], modules: Mapping[str, Module], relevant: AbstractSet[str], problems: Problems
) -> Iterator[Deployed]:
    """What the units of a project deploy of the relevant modules and of published ones for MWAA."""
    mentioned = any(_MWAA in _bytes(file) for path, file in project.items() if path.endswith(".hcl"))
    if not (relevant or mentioned):
        return
    tfvars = {path: file for path, file in project.items() if path.endswith((".tfvars", ".tfvars.json"))}
    for unit in units(project):
        folder = unit.module
        root = modules.get(folder) if folder is not None and folder in relevant else None
        if root is None and folder not in modules:
            root = _published(unit, project)
        if root is not None:
            inputs = _inputs(unit, root, tfvars)
            problems.take(unit.problems)
            yield Deployed(unit.path, root, inputs)


def _inputs(unit: Unit, root: Module, tfvars: Mapping[str, SourceFile]) -> Mapping[str, Input]:
    configuration = unit.configuration
    inputs, files = configuration.inputs, configuration.variable_files
    if inputs is None or files is None:
        _, place = configuration.source
        return {name: Unresolved("inputs", "the unit's inputs are not known", place) for name in root.variables}
    found: dict[str, Input] = dict(inputs)
    for folder in dict.fromkeys((root.folder, unit.folder)):
        found |= automatic(folder, tfvars, unit.problems)
    for file in files:
        found |= settings(file, unit.problems)
    return found


def _bytes(file: SourceFile) -> bytes:
    try:
        return file.data
    except UnreadableFileError:
        return b""


class _Caller(Module):
    """A module that does nothing but call a published one with its variables, as Terragrunt does behind the scenes."""

    def __init__(self, unit: Unit, blocks: tuple[Block, ...], project: Mapping[str, SourceFile]) -> None:
        super().__init__(unit.folder, [project[unit.path]], unit.problems, project)
        self._blocks = blocks

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The call and the variables."""
        return self._blocks


def _published(unit: Unit, project: Mapping[str, SourceFile]) -> Module | None:
    value, place = unit.configuration.source
    if not (isinstance(value, Known) and isinstance(value.value, str)):
        return None
    file, span = project[place.path], place.span
    version = _VERSION.search(value.value)
    attributes = {"source": Attribute("source", Literal(value.value, span), span, file)}
    if version:
        attributes["version"] = Attribute("version", Literal(version[1], span), span, file)
    call = Block("module", (posixpath.basename(unit.folder) or "unit",), attributes, (), span, span, file)
    if terraform_published.row_of(call) is None:
        return None
    blocks = [call]
    for name, given in (unit.configuration.inputs or {}).items():
        at, where = _place(given, project, file, span)
        attributes[name] = Attribute(name, Reference("var", (GetAttr(name),), where), where, at)
        blocks.append(Block("variable", (name,), {}, (), where, where, at))
    return _Caller(unit, tuple(blocks), project)


def _place(value: Value, project: Mapping[str, SourceFile], file: SourceFile, span: Span) -> tuple[SourceFile, Span]:
    if isinstance(value, Absent) or value.origin.path not in project:
        return file, span
    return project[value.origin.path], value.origin.span
