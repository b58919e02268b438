"""Reads MWAA environments and uploads from Terraform."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.adapters import (
    terraform_published,
    terraform_related,
    terraform_resources,
    terraform_settings,
    terraform_uploads,
)
from mwaalint.model.adapters.terraform_dependencies import waits_for
from mwaalint.model.adapters.terraform_inputs import variants
from mwaalint.model.adapters.terraform_instances import Instance
from mwaalint.model.adapters.terraform_modules import Module, Problems, source_of
from mwaalint.model.environment import Declarations, Environment, Upload
from mwaalint.model.values import Known, Unresolved
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mwaalint.discover import Project
    from mwaalint.model.adapters.terraform_instances import Input
    from mwaalint.model.adapters.terragrunt_units import Deployed
    from mwaalint.model.resources import Resources
    from mwaalint.model.values import Value
    from mwaalint.source import SourceFile

# Cheap tests on bytes: folders that fail them are never parsed.
_ENVIRONMENT = regex(
    rb'aws_mwaa_environment|(?:^[ \t]*source[ \t]*=|"source"[ \t]*:)[ \t]*"[^".][^"\n]*mwaa', re.MULTILINE
)
_UPLOAD = regex(rb"aws_s3_(?:bucket_)?object")
_AIRFLOW = regex(rb"mwaa|airflow", re.IGNORECASE)
_MOST_MODULES = 2_000
_MOST_ROUNDS = 4


def read(files: Sequence[SourceFile], project: Project) -> Declarations:
    """The environments and uploads that a project's .tf files declare, with what .tfvars files set."""
    problems = Problems()
    modules = _modules(files, problems, project.files)
    relevant = _reaching(modules, _declares)
    units = _deployed(project, modules, relevant, problems)
    covered = {unit.root.folder for unit in units}
    roots = [root for root in _roots(modules, relevant) if root.folder not in covered]
    tfvars = {path: file for path, file in project.files.items() if path.endswith((".tfvars", ".tfvars.json"))}
    environments: list[Environment] = []
    uploads: dict[Upload, None] = {}
    resources: dict[str, Resources] = {}
    wanted = _reaching(modules, lambda content: bool(_ENVIRONMENT.search(content) or _UPLOAD.search(content)))
    beside = _reaching(modules, lambda content: bool(terraform_related.MENTIONED.search(content)))
    for root in roots:
        for variant, inputs in variants(root, modules, tfvars, problems):
            found, put, instance = _read_root(root, inputs, modules, wanted, variant)
            environments += found.values()
            uploads |= put
            if found:
                resources[_stack(root, variant)] = terraform_related.resources(_instances(instance, beside))
    for unit in units:
        found, put, instance = _read_root(unit.root, unit.inputs, modules, wanted, unit.unit)
        environments += [replace(each, dialect="terragrunt") for each in found.values()]
        uploads |= put
        if found:
            resources[_stack(unit.root, unit.unit)] = terraform_related.resources(_instances(instance, beside))
    return Declarations(tuple(environments), tuple(uploads), problems.all(), resources=resources)


def _stack(root: Module, variant: str) -> str:
    return f"terraform:{root.folder}:{variant}"


def _deployed(
    project: Project, modules: Mapping[str, Module], relevant: set[str], problems: Problems
) -> list[Deployed]:
    """The root modules of Terragrunt's units; its part is imported only when there are some."""
    if not any(posixpath.basename(path) == "terragrunt.hcl" for path in project.files):
        return []
    from mwaalint.model.adapters import terragrunt_units

    return list(terragrunt_units.deployed(project.files, modules, relevant, problems))


def _read_root(
    root: Module, inputs: Mapping[str, Input], modules: Mapping[str, Module], wanted: set[str], variant: str
) -> tuple[dict[str, Environment], dict[Upload, None], Instance]:
    """What one root declares, also what is switched off by nothing but the default of a variable.

    Nobody writes an environment that no deployment has: such a variable is set where it is deployed, to a value that
    the project does not tell, unless there is only one other.
    """
    environments: dict[str, Environment] = {}
    uploads: dict[Upload, None] = {}
    whole = Instance(root, modules, inputs)
    for _ in range(_MOST_ROUNDS):
        switches: set[str] = set()
        current: dict[str, Environment] = {}
        for instance in _instances(whole, wanted):
            current |= {found.symbol: found for found in _environments(instance, variant)}
            uploads |= dict.fromkeys(_uploads(instance))
            switches |= _switches(instance, wanted)
        # What earlier rounds found is better known; the last round has all of them, in their order.
        environments = {**current, **environments}
        if not switches - inputs.keys():
            break
        inputs = {**inputs, **{name: _switched(root, name) for name in switches}}
        whole = Instance(root, modules, inputs)
    stack = _stack(root, variant)
    return {symbol: replace(found, stack=stack) for symbol, found in environments.items()}, uploads, whole


def _switches(instance: Instance, wanted: set[str]) -> set[str]:
    module = instance.module
    blocks = [block for (kind, _), block in module.resources.items() if kind == "aws_mwaa_environment"]
    blocks += [
        call
        for call in module.calls.values()
        if module.relative(source_of(call)) in wanted or terraform_published.row_of(call)
    ]
    return {name for block in blocks for name in instance.switches(block)}


def _switched(root: Module, name: str) -> Value:
    """What a variable is where there is an environment: the other truth value, or anything but its default."""
    block = root.variables[name]
    location = Location(block.file.path, block.header, f"var.{name}")
    default = getattr(block.attributes["default"].expression, "value", None)
    if isinstance(default, bool):
        return Known(not default, location)
    return Unresolved(f"var.{name}", "with its default there is no environment", location)


def _modules(files: Iterable[SourceFile], problems: Problems, project: Mapping[str, SourceFile]) -> dict[str, Module]:
    folders: dict[str, list[SourceFile]] = {}
    for file in files:
        if file.path.endswith((".tf", ".tf.json")):
            folders.setdefault(posixpath.dirname(file.path), []).append(file)
    return {folder: Module(folder, inside, problems, project) for folder, inside in folders.items()}


def _roots(modules: Mapping[str, Module], relevant: set[str]) -> list[Module]:
    """The modules to evaluate: nobody calls them, and MWAA is in them or in what they call."""
    # The text tells which modules may call a relevant one; only these are parsed, to tell calls from comments.
    callers = [module for module in modules.values() if module.called_folders & relevant]
    calls = [(module, module.relative(source_of(call))) for module in callers for call in module.calls.values()]
    called = {folder for module, folder in calls if folder != module.folder}
    roots = [module for folder, module in modules.items() if folder in relevant and folder not in called]
    # Modules that call each other in a circle have no root; they are still read, on their own.
    reached = _below(roots, modules)
    return roots + [module for folder, module in modules.items() if folder not in reached and _declares(module.content)]


def _declares(content: bytes) -> bool:
    return bool(_ENVIRONMENT.search(content) or (_UPLOAD.search(content) and _AIRFLOW.search(content)))


def _below(roots: Iterable[Module], modules: Mapping[str, Module]) -> set[str]:
    reached: set[str] = set()
    pending = [root.folder for root in roots]
    while pending:
        folder = pending.pop()
        if folder in modules and folder not in reached:
            reached.add(folder)
            pending += modules[folder].called_folders
    return reached


def _reaching(modules: Mapping[str, Module], holds: Callable[[bytes], bool]) -> set[str]:
    """The folders whose own content passes a test, and those that call them, directly or not."""
    callers: dict[str, list[str]] = {}
    for folder, module in modules.items():
        for called in module.called_folders:
            callers.setdefault(called, []).append(folder)
    found: set[str] = set()
    pending = [folder for folder, module in modules.items() if holds(module.content)]
    while pending:
        folder = pending.pop()
        if folder not in found:
            found.add(folder)
            pending += callers.get(folder, ())
    return found


def _instances(root: Instance, wanted: set[str]) -> Iterator[Instance]:
    """The root and the instances of the modules it calls, as far as something in them is wanted."""
    pending, seen = [root], 0
    while pending and seen < _MOST_MODULES:
        instance = pending.pop()
        seen += 1
        yield instance
        children = [child for name in instance.module.calls for _, child in instance.children(name)]
        pending += [child for child in reversed(children) if child.folder in wanted]
    if pending:
        place = Location(root.module.files[0].path)
        root.module.problems.add(place, f"its modules have over {_MOST_MODULES:,} instances; the rest is not analyzed")


def _environments(instance: Instance, variant: str) -> Iterator[Environment]:
    provider = terraform_settings.provider_versions(instance)
    for (kind, name), block in instance.module.resources.items():
        if kind == "aws_mwaa_environment":
            scope = instance.scope(block, f"{kind}.{name}", {})
            timeouts = terraform_settings.timeouts(block, scope)
            made = terraform_settings.made_before_destroyed(block, scope)
            for found in terraform_resources.environments(instance, name, block, variant):
                waits = waits_for(instance, block)
                yield replace(found, depends_on=waits, timeouts=timeouts, provider=provider, made_before_destroyed=made)
    for name, call in instance.module.calls.items():
        row = terraform_published.row_of(call)
        if row is not None:
            for found in terraform_published.environments(instance, name, call, row, variant):
                yield replace(found, depends_on=waits_for(instance, call), provider=provider)


def _uploads(instance: Instance) -> Iterator[Upload]:
    for (kind, name), block in instance.module.resources.items():
        if kind in terraform_uploads.RESOURCES:
            yield from terraform_uploads.uploads(instance, kind, name, block)
    for name, call in instance.module.calls.items():
        row = terraform_published.row_of(call)
        if row is not None:
            yield from terraform_uploads.published(instance, name, call, row)
