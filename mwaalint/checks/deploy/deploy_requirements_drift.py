"""MW851 deploy-requirements-drift."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.local_runner._places import mounted_file
from mwaalint.documents.requirements import read_requirements
from mwaalint.findings import Confidence, Location
from mwaalint.model.local_runner import LocalRunner
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement, RequirementsFile
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

_FOLDER = "/usr/local/airflow/requirements"
_NAME = "requirements.txt"
_ELSEWHERE = ("REQUIREMENTS_FILE", "S3_REQUIREMENTS_PATH")
# A file that says which stage it is for differs on purpose.
_STAGE = regex(
    r"(?:^|[^a-z])(?:dev|develop|development|stag|stage|staging|test|qa|uat|sandbox|int|prod|production)(?![a-z])", re.I
)


@check("MW851", on=LocalRunner)
def deploy_requirements_drift(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """Requirements of the local runner that pin other versions than the deployed ones."""
    deployed, evidence = ctx.deployment.requirements, ctx.deployment.requirements_evidence
    if deployed is None or evidence is None or evidence.confidence is not Confidence.HIGH:
        return
    files = dict.fromkeys(_tried(local, ctx))
    if len(files) != 1 or deployed.file in files or any(_is_others(file, ctx) for file in files):
        return
    tried = _read(next(iter(files)))
    pins, others = _pins(tried), _pins(deployed)
    different = [name for name in pins if name in others and pins[name].specifier != others[name].specifier]
    if different:
        first, other = pins[different[0]], others[different[0]]
        yield ctx.report(
            Location(first.file.path, first.span),
            related=[Location(other.file.path, other.span).noted("what MWAA installs")],
            subject=different[0],
            tried=first.text,
            deployed=other.text,
            path=other.file.path,
            more=f", and {len(different) - 1} more differ" if len(different) > 1 else "",
        )


def _tried(local: LocalRunner, ctx: Context) -> Iterator[SourceFile]:
    """The requirements that the local runner installs, as its mounts tell. A variable may name others, or a place in
    S3 from where they come.
    """
    for one in local.running(ctx.deployment.target.airflow):
        for mount in one.service.mounts if not any(map(one.value, _ELSEWHERE)) else ():
            name = {_FOLDER: _NAME, f"{_FOLDER}/{_NAME}": ""}.get(mount.target.rstrip("/"))
            file = mounted_file(one, mount, name, ctx.project) if name is not None else None
            if file is not None:
                yield file


def _is_others(file: SourceFile, ctx: Context) -> bool:
    """Whether another environment may install the file: one does, one installs something that nobody knows, the file
    goes to a bucket, or it is called after a stage.
    """
    known = ctx.deployment.installed
    uploaded = any(
        upload.source == file.path or (upload.recursive and file.path.startswith(f"{upload.source}/"))
        for upload in ctx.deployment.uploads
    )
    return uploaded or file.path in known or "" in known or _STAGE.search(file.path) is not None


def _read(file: SourceFile) -> RequirementsFile | None:
    try:
        return read_requirements(file)
    except UnreadableFileError:
        return None


def _pins(requirements: RequirementsFile | None) -> dict[str, Requirement]:
    """The packages of which a file names one version."""
    return {
        each.name: each
        for each in (requirements.requirements if requirements else ())
        if each.name and each.marker is None and re.fullmatch(r"={2,3}[^*,]+", str(each.specifier))
    }
