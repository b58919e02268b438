"""Small Terraform projects for tests, and their values without places."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from mwaalint.discover import Project, Role
from mwaalint.model.adapters import terraform
from mwaalint.model.environment import ARGUMENTS, Declarations, Environment
from mwaalint.model.values import Absent, Known, OneOf, Unresolved, Value
from mwaalint.source import SourceFile

ROOT = Path("/project")


def project(files: dict[str, str | bytes]) -> Project:
    """The files by path, as the walk over a folder would give them."""
    sources = {}
    for path in sorted(files):
        content = files[path]
        data = dedent(content).encode() if isinstance(content, str) else content
        sources[path] = SourceFile(path, ROOT / path, data)
    return Project(ROOT, sources)


def read(files: dict[str, str | bytes]) -> Declarations:
    """What the files declare."""
    found = project(files)
    return terraform.read(found.with_role(Role.TERRAFORM), found)


def environments(files: dict[str, str | bytes]) -> tuple[Environment, ...]:
    """The environments the files declare; nothing in the files may be a problem."""
    declarations = read(files)
    assert declarations.problems == ()
    return declarations.environments


def environment(files: dict[str, str | bytes]) -> Environment:
    """The only environment the files declare."""
    (only,) = environments(files)
    return only


def value_of(expression: str, others: str = "", **files: str) -> Value:
    """What an expression in the root module gives as an environment's name, which takes strings of any kind.

    ``others`` are further blocks of the module; ``terraform_tfvars`` is the file terraform.tfvars.
    """
    block = f'resource "aws_mwaa_environment" "etl" {{\n  tags = {{ it = {expression} }}\n}}\n'
    extra: dict[str, str | bytes] = {name.replace("_tfvars", ".tfvars"): text for name, text in files.items()}
    tags = environment({"main.tf": block, "others.tf": others, **extra}).tags
    assert isinstance(tags, Known)
    assert isinstance(tags.value, dict)
    found: Value = tags.value["it"]
    return found


def plain(value: Value) -> object:
    """A value without its places: options as a list after "one of", what is not resolved as "?" and the reason."""
    match value:
        case Known(value=tuple() as items):
            return [plain(item) for item in items]
        case Known(value=dict() as entries):
            return {key: plain(item) for key, item in entries.items()}
        case Known(value=data):
            return data
        case OneOf(options=options):
            return ("one of", *(plain(option) for option in options))
        case Unresolved(reason=reason):
            return f"? {reason}"
        case Absent():
            return None


def arguments(declared: Environment) -> dict[str, object]:
    """The arguments of an environment that are set, without their places."""
    return {name: plain(value) for name in ARGUMENTS if not isinstance(value := declared.get(name), Absent)}


def written(files: dict[str, str | bytes], value: Value) -> tuple[str, str, str]:
    """Where a known value is written: file, the text at that place, symbol."""
    assert isinstance(value, Known | OneOf | Unresolved)
    origin = value.origin
    return origin.path, project(files).files[origin.path].slice(origin.span), origin.symbol
