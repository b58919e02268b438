"""MW851 deploy-requirements-drift."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.documents.requirements import read_requirements
from mwaalint.findings import Confidence, Location
from mwaalint.model.local_runner import LocalRunner
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.requirements import Requirement, RequirementsFile
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

_FOLDER = "/usr/local/airflow/requirements"
_NAME = "requirements.txt"
# Where somebody starts Compose: the folder of the local runner's scripts, mostly one above the file.
_HERE = re.compile(r"^\$(?:PWD|\{PWD\})/")


@check("MW851", on=LocalRunner)
def deploy_requirements_drift(local: LocalRunner, ctx: Context) -> Iterator[Finding]:
    """Requirements of the local runner that pin other versions than the deployed ones."""
    deployed, evidence = ctx.deployment.requirements, ctx.deployment.requirements_evidence
    if deployed is None or evidence is None or evidence.confidence is not Confidence.HIGH:
        return
    files = dict.fromkeys(_tried(local, ctx))
    if len(files) != 1 or deployed.file in files or any(_is_uploaded(file, ctx) for file in files):
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
    """The requirements that the local runner installs, as its mounts tell."""
    for one in local.running(ctx.deployment.target.airflow):
        for mount in one.service.mounts:
            target, source = mount.target.rstrip("/"), mount.source.rstrip("/")
            if target == _FOLDER:
                source = f"{source}/{_NAME}"
            elif target != f"{_FOLDER}/{_NAME}":
                continue
            paths = (normpath(path) for path in _places(source, mount.text.file.path))
            yield from [file for path in paths if (file := ctx.project.get(path))][:1]


def _places(source: str, compose: str) -> Iterator[str]:
    """Where the source of a mount may be: beside the Compose file, where that is what it says."""
    started = _HERE.sub("", source)
    if started != source:
        yield join(dirname(dirname(compose)), started)
    if not started.startswith(("$", "/", "~")):
        yield join(dirname(compose), started)


def _is_uploaded(file: SourceFile, ctx: Context) -> bool:
    """Whether the file goes to a bucket as well: perhaps another environment installs it."""
    return any(
        upload.source == file.path or (upload.recursive and file.path.startswith(f"{upload.source}/"))
        for upload in ctx.deployment.uploads
    )


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
