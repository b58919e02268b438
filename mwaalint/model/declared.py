"""What the files of a project declare, whatever dialect they are written in."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mwaalint.discover import Role
from mwaalint.findings import Location, check_crashed
from mwaalint.model.environment import Declarations
from mwaalint.model.synthesised import declared_once
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

_CALLED = {
    "terraform": "Terraform files",
    "terraform_plan": "Terraform plans",
    "cloudformation": "CloudFormation templates",
    "cdk_python": "CDK apps",
    "environment_json": "JSON of MWAA's API",
    "boto3_calls": "calls of boto3",
    "pulumi_python": "Pulumi programs in Python",
    "pulumi_yaml": "Pulumi programs in YAML",
    "typescript": "CDK and Pulumi programs in TypeScript",
    "deploy": "deploy steps",
    "local_runner": "files of the local runner",
}

_OWN_ADAPTER = (
    Role.TERRAFORM,
    Role.TERRAFORM_PLAN,
    Role.CLOUDFORMATION,
    Role.ENVIRONMENT_JSON,
    Role.PULUMI_YAML,
    Role.LOCAL_RUNNER,
)

_SCRIPTS = (".ts", ".tsx", ".js", ".mjs")


def declarations(project: Project) -> Declarations:
    """What all dialects of the project declare. A dialect's module is imported only when the project has a file of
    it.
    """
    parts = [_adapter(role.value, project.with_role(role), project) for role in _OWN_ADAPTER]
    programs = project.with_role(Role.PYTHON)
    # The stack that makes the environment gets its values from other files: constants, and the app that calls it.
    suspects = _mentioning(programs, project, b"mwaa")
    parts.append(_adapter("cdk_python", programs if _mentioning(suspects, project, b"aws_mwaa") else (), project))
    callers = _mentioning(suspects, project, b"boto3", b"te_environment")
    parts.append(_adapter("boto3_calls", programs if callers else (), project))
    pulumi = _mentioning(suspects, project, b"pulumi_aws")
    parts.append(_adapter("pulumi_python", programs if pulumi else (), project))
    parts.append(_adapter("typescript", _mentioning(_scripts(project), project, b"mwaa"), project))
    scripts = [*project.with_role(Role.DEPLOY), *_mentioning(project.with_role(Role.TERRAFORM), project, b"local-exec")]
    parts.append(_adapter("deploy", scripts, project))
    return Declarations(
        environments=declared_once([environment for part in parts for environment in part.environments]),
        uploads=tuple(upload for part in parts for upload in part.uploads),
        problems=tuple(problem for part in parts for problem in part.problems),
        updated_versions=frozenset().union(*(part.updated_versions for part in parts)),
        resources={stack: resources for part in parts for stack, resources in part.resources.items()},
        steps=next((part.steps for part in parts if part.steps), None),
        local=next((part.local for part in parts if part.local), None),
    )


def _adapter(name: str, files: Sequence[SourceFile], project: Project) -> Declarations:
    if not files:
        return Declarations()
    try:
        declared: Declarations = import_module(f"mwaalint.model.adapters.{name}").read(files, project)
    except Exception as error:  # noqa: BLE001 - one dialect that fails must not hide what the others declare
        return Declarations(problems=(check_crashed(_CALLED.get(name, name), error, Location(".")),))
    return declared


def _scripts(project: Project) -> list[SourceFile]:
    """TypeScript and JavaScript, without the declarations and packages that nobody here wrote."""
    return [
        file
        for path, file in project.files.items()
        if path.endswith(_SCRIPTS) and not path.endswith(".d.ts") and "node_modules/" not in path
    ]


def _mentioning(files: Iterable[SourceFile], project: Project, *words: bytes) -> list[SourceFile]:
    """The files that hold all of these words."""
    found = []
    for file in files:
        try:
            if file.holds(*words):
                found.append(file)
            else:
                project.done_with(file)
        except UnreadableFileError:
            continue
    return found
