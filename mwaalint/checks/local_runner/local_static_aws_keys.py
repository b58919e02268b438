"""MW801 local-static-aws-keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.local_runner._places import every_service, place
from mwaalint.findings import Location
from mwaalint.model.deploy_steps import read_steps
from mwaalint.model.local_runner import LocalRunner
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_NAME = "AWS_SECRET_ACCESS_KEY"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/security-creds-programmatic-access.html
_SECRET = regex(r"[A-Za-z0-9/+]{40}")
_FEWEST_CHARACTERS = 12


@check("MW801", on=LocalRunner)
def local_static_aws_keys(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """Secret keys of AWS, by their shape, in the files that the local runner is built and started with."""
    for where, value in (*_of_services(local), *_of_files(local), *_of_scripts(local)):
        if _is_secret(value):
            yield ctx.report(where, subject=_NAME, file=where.path)


def _is_secret(value: str) -> bool:
    """Whether a text looks like a key, and not like what stands for one: words, or one letter many times."""
    mixed = all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return (
        _SECRET.fullmatch(value) is not None
        and mixed
        and len(set(value)) >= _FEWEST_CHARACTERS
        and "EXAMPLE" not in value.upper()
    )


def _of_services(local: LocalRunner) -> Iterator[tuple[Location, str]]:
    for service in every_service(local):
        for variable in service.environment:
            if variable.name == _NAME and variable.text:
                # With a default in it, the key is in the file as well: ${AWS_SECRET_ACCESS_KEY:-…}.
                default = re.fullmatch(r"\$\{\w+:?-([^{}]*)\}", variable.text.value)
                yield place(variable.text, _NAME), default[1] if default else variable.text.value.strip("\"'")


def _of_files(local: LocalRunner) -> Iterator[tuple[Location, str]]:
    for file in local.env_files:
        for variable in file.variables:
            if variable.name == _NAME:
                yield Location(file.file.path, variable.span, _NAME), variable.value
    for image in local.dockerfiles:
        for setting in image.settings:
            if setting.name == _NAME and setting.value:
                yield Location(image.file.path, setting.span, _NAME), setting.value


def _of_scripts(local: LocalRunner) -> Iterator[tuple[Location, str]]:
    """``aws configure set aws_secret_access_key …`` when the image is built or started."""
    for step in read_steps(local.scripts, (b"aws_secret_access_key",)).calls("aws", "configure", "set"):
        names = step.operands[3:5]
        if len(names) > 1 and names[0].lower().endswith("aws_secret_access_key"):
            yield step.location, names[1]
