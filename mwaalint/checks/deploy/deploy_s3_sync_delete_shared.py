"""MW855 deploy-s3-sync-delete-shared."""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.deploy._copies import Copy, copies
from mwaalint.model.deploy_commands import DeploySteps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Location


class Other(NamedTuple):
    """What somebody else puts below the prefix: the key there, where it comes from, and where that is written."""

    key: str
    source: str
    location: Location


@check("MW855", on=DeploySteps)
def deploy_s3_sync_delete_shared(steps: DeploySteps, ctx: Context) -> Iterator[Finding]:
    """A sync that deletes, below a prefix into which the repository copies other things as well."""
    every = list(copies(steps))
    for copy in every:
        if copy.verb != "sync" or not copy.step.has("--delete") or not copy.key or "$" in copy.key + copy.source:
            continue
        others = [*_by_steps(copy, every), *_by_resources(copy, ctx)]
        if other := next((one for one in others if _is_deleted(one, copy, ctx)), None):
            yield ctx.report(
                copy.step.location,
                related=[other.location.noted("what puts it there")],
                subject=other.key,
                prefix=copy.key,
                key=other.key,
                source=other.source,
            )


def _by_steps(copy: Copy, every: list[Copy]) -> Iterator[Other]:
    """Other copies to the same bucket. What the same script copies afterwards is back a moment later."""
    for other in every:
        later = other.step.script == copy.step.script and other.step.location.span > copy.step.location.span
        # A variable of another file may be another bucket.
        same = other.bucket == copy.bucket and ("$" not in copy.bucket or other.step.file is copy.step.file)
        if other is not copy and same and not later and other.key.startswith(f"{copy.key}/"):
            yield Other(other.key, other.source, other.step.location)


def _by_resources(copy: Copy, ctx: Context) -> Iterator[Other]:
    """Files that the declaration of the environment's bucket puts there."""
    if not copy.is_of_dags:
        return
    for upload in ctx.deployment.uploads:
        if upload.address and upload.key.startswith(f"{copy.key}/"):
            yield Other(upload.key, upload.source, upload.location)


def _is_deleted(other: Other, copy: Copy, ctx: Context) -> bool:
    """Whether the sync takes it away: it is not in the source, and no filter keeps it."""
    folder, source = normpath(copy.source), normpath(other.source)
    inside = other.key.removeprefix(f"{copy.key}/")
    if "$" in other.source + other.key or folder == "." or f"{source}/".startswith(f"{folder}/"):
        return False
    # A recursive copy has files below its key; one of them is as good as any.
    below = next((file.path.removeprefix(source) for file in ctx.project.below(source)), "/any")
    below = "" if ctx.project.get(source) is not None else below
    in_source = f"{folder}/{inside}"
    if ctx.project.get(in_source) is not None or ctx.project.has_folder(in_source):
        return False
    return not _is_excluded(f"{inside}{below}", copy.step.words)


def _is_excluded(path: str, words: tuple[str, ...]) -> bool:
    """Whether the filters leave a path alone; the last one that matches decides."""
    excluded, pending = False, ""
    for word in words:
        option, separator, pattern = word.partition("=")
        if pending or separator:
            option, pattern = (pending, word) if pending else (option, pattern)
            if option in ("--exclude", "--include") and fnmatchcase(path, pattern):
                excluded = option == "--exclude"
            pending = ""
        elif word in ("--exclude", "--include"):
            pending = word
    return excluded
