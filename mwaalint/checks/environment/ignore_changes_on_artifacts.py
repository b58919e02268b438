"""MW202: a version of requirements, plugins or startup script that is passed and ignored at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.model.environment import Environment
from mwaalint.model.values import is_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding

_VERSIONS = (
    "requirements_s3_object_version",
    "plugins_s3_object_version",
    "startup_script_s3_object_version",
)


@check("MW202", on=Environment)
def ignore_changes_on_artifacts(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each version that the configuration sets and then tells its tool to leave alone.

    One that is ignored and not set is somebody else's, and so is one that a deploy step passes to MWAA.
    """
    for version in _VERSIONS:
        if version not in environment.ignored_changes or version in ctx.deployment.updated_versions:
            continue
        if is_set(environment.get(version)) and version in environment.declared:
            yield ctx.report(environment.declared[version], subject=version, version=version)
