"""MW852 deploy-no-sync-delete."""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.deploy._copies import copies
from mwaalint.model.deploy_commands import DeploySteps
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.discover import Project
    from mwaalint.findings import Finding

# What somebody else takes away.
_REMOVES = ("rm", "rb")


@check("MW852", on=DeploySteps)
def deploy_no_sync_delete(steps: DeploySteps, ctx: Context) -> Iterator[Finding]:
    """DAGs that are gone from the repository since ``--base``, and that the deployment leaves in the bucket."""
    folder, past = ctx.deployment.dags_folder, ctx.past
    if past is None or not folder:
        return
    if any(True for verb in _REMOVES for _ in steps.calls("aws", "s3", verb)):
        return
    copied = [copy for copy in copies(steps) if normpath(copy.source) == folder]
    if not copied or any(copy.step.has("--delete") for copy in copied):
        return
    gone = sorted(path for path in _dag_files(folder, past) if ctx.project.get(path) is None)
    if gone:
        yield ctx.report(
            copied[0].step.location, subject=gone[0], path=gone[0], more=f" and {len(gone) - 1} more" * (len(gone) > 1)
        )


def _dag_files(folder: str, past: Project) -> Iterator[str]:
    for file in past.below(folder):
        if not file.path.endswith(".py"):
            continue
        try:
            if re.search(rb"\bDAG\s*\(|@dag\b", file.data):
                yield file.path
        except UnreadableFileError:
            continue
