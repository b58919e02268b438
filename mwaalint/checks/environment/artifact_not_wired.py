"""MW245: a requirements file that the environment does not point to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Confidence
from mwaalint.model.environment import Environment
from mwaalint.model.values import is_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_ARGUMENT = "requirements_s3_path"
_VERSION = "requirements_s3_object_version"


@check("MW245", on=Environment)
def artifact_not_wired(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports requirements that are meant for MWAA and that no environment of the repository installs.

    A file that the settings name is the user's word for what is installed, and has high confidence.
    """
    file, evidence = ctx.deployment.requirements, ctx.deployment.requirements_evidence
    if file is None or evidence is None or is_set(environment.requirements_s3_path):
        return
    somebody_else = {_ARGUMENT, _VERSION} & (environment.ignored_changes | ctx.deployment.updated_versions)
    if evidence.confidence is Confidence.HIGH or somebody_else or not file.requirements:
        return
    path = file.file.path
    upload = next((each for each in ctx.deployment.uploads if each.source == path), None)
    uploaded = upload or evidence.reason.startswith("the repository uploads")
    yield ctx.report(
        environment.location,
        "default" if uploaded else "beside",
        related=[upload.location.noted("uploads it")] if upload else [],
        subject=path,
        path=path,
        reason=evidence.reason,
    )
