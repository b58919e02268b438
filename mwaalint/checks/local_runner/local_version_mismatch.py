"""MW803 local-version-mismatch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Location
from mwaalint.model.environment import Environment
from mwaalint.model.values import Known
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

_COMPOSE = re.compile(r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$")
# The local runner's own names for its images: amazon/mwaa-local:2_10_3, amazon/mwaa-local:2.2.
_IMAGE = re.compile(r"^[ \t]*image:[ \t]*[\"']?(?P<image>amazon/mwaa-local:(?P<version>\d+[_.]\d+(?:[_.]\d+)?))", re.M)


@check("MW803", on=Environment)
def local_version_mismatch(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """A local runner of another Airflow than the environment's."""
    version = environment.airflow_version
    if not isinstance(version, Known) or not isinstance(version.value, str):
        return
    images = [(file, match) for file in _composed(ctx) for match in _IMAGE.finditer(_text(file))]
    # Several versions are kept on purpose, for an upgrade or for several environments.
    if not images or len({match["version"] for _, match in images}) > 1:
        return
    local = images[0][1]["version"].replace("_", ".")
    if _agree(local, version.value):
        return
    file, match = next((pair for pair in images if pair[0].path.endswith("-local.yml")), images[0])
    yield ctx.report(
        Location(file.path, file.span(*match.span("image")), "amazon/mwaa-local"),
        related=[version.origin.noted("the environment's version")],
        local=local,
        airflow=version.value,
    )


def _composed(ctx: Context) -> list[SourceFile]:
    return [file for path, file in sorted(ctx.project.files.items()) if _COMPOSE.search(path)]


def _text(file: SourceFile) -> str:
    try:
        return file.text if b"mwaa-local" in file.data else ""
    except UnreadableFileError:
        return ""


def _agree(local: str, airflow: str) -> bool:
    """Whether two versions are the same as far as both say."""
    return all(one == other for one, other in zip(local.split("."), airflow.split("."), strict=False))
