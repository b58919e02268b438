"""MW803 local-version-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Location
from mwaalint.model.local_runner import LocalRunner, agree
from mwaalint.model.values import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding


@check("MW803", on=LocalRunner)
def local_version_mismatch(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """A local runner of another Airflow than the environment's."""
    version = ctx.deployment.environment.airflow_version if ctx.deployment.environment else None
    if not isinstance(version, Known) or not isinstance(version.value, str):
        return
    told = [one for one in local.services if one.version and one.told_by]
    # Several versions are kept on purpose, for an upgrade or for several environments.
    if not told or len({one.version for one in told}) > 1:
        return
    first = next((one for one in told if not one.helper), told[0])
    if first.version is None or first.told_by is None or agree(first.version, version.value):
        return
    image = first.told_by
    yield ctx.report(
        Location(image.file.path, image.span, first.service.name),
        related=[version.origin.noted("the environment's version")],
        local=first.version,
        airflow=version.value,
        subject="amazon/mwaa-local",
    )
