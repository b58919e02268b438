"""MW854 deploy-s3-sync-size-only."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.deploy._copies import copies
from mwaalint.findings import Edit, Fix, Safety
from mwaalint.model.deploy_commands import DeploySteps
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.deploy_commands import DeployStep

_OPTION = "--size-only"


@check("MW854", on=DeploySteps)
def deploy_s3_sync_size_only(steps: DeploySteps, ctx: Context) -> Iterator[Finding]:
    """A sync of DAGs that takes files of the same size for the same files."""
    for copy in copies(steps):
        if copy.verb == "sync" and copy.step.has(_OPTION) and copy.is_of_dags:
            yield ctx.report(copy.step.location, fix=_without(copy.step), subject=copy.source, source=copy.subject)


def _without(step: DeployStep) -> Fix | None:
    """Takes the option away, with the blanks or the continued line in front of it."""
    words = step.command.words
    for before, word in pairwise(words):
        if word.literal == _OPTION:
            span = Span(before.span.end, word.span.end)
            expected = step.file.data[span.start : span.end]
            return Fix(f"Remove {_OPTION}", Safety.SAFE, (Edit(step.file.path, span, b"", expected),))
    return None
