"""MW201: a file that is uploaded anew while the environment keeps the version it has."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.checks.environment._values import line_after
from mwaalint.findings import Finding, Fix, Safety
from mwaalint.model.environment import Environment
from mwaalint.model.values import Absent, Known, known
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.model.environment import Upload

_ARTIFACTS = {
    "requirements_s3_path": "requirements_s3_object_version",
    "plugins_s3_path": "plugins_s3_object_version",
    "startup_script_s3_path": "startup_script_s3_object_version",
}
_OBJECT = r"aws_s3(?:_bucket)?_object\.[\w-]+"
_KEY_OF_OBJECT = regex(rf"=\s*(?P<object>{_OBJECT}(?:\[[^\]\n]*\])?)\.key\s*$")
_OBJECT_ADDRESS = regex(rf"(?P<module>.*?)(?P<object>{_OBJECT})")
# A name with a version or a digest in it changes with the content, and MWAA sees a new path.
_NAME_OF_ITS_OWN = regex(r"[0-9a-f]{12,}|[-_.]v?\d+(\.\d+)*\.\w+$", re.IGNORECASE)


@check("MW201", on=Environment)
def artifact_version_missing(environment: Environment, ctx: Context) -> Iterator[Finding]:
    """Reports each artifact that the repository uploads and whose version nobody passes to MWAA."""
    for argument, version in _ARTIFACTS.items():
        key = known(environment.get(argument), str)
        if not key or _NAME_OF_ITS_OWN.search(PurePosixPath(key).name) or not _unversioned(environment, version, ctx):
            continue
        if {argument, version} & environment.ignored_changes:
            continue
        upload = _upload(key.lstrip("/"), ctx)
        managed = _managed(environment, argument, ctx) or (upload.address if upload else "")
        if not managed and upload is None:
            continue
        yield ctx.report(
            environment.declared.get(argument, environment.where(argument)),
            _message(managed, upload),
            related=[upload.location.noted("uploads it")] if upload else [],
            fix=_fix(environment, argument, version, upload, ctx),
            subject=argument,
            key=key,
            version=_as_declared(environment, argument, version),
            uploader=managed or (upload.location.path if upload else ""),
        )


def _message(managed: str, upload: Upload | None) -> str:
    if not managed:
        return "uploaded"
    return "managed" if upload is None or upload.watched else "unwatched"


def _unversioned(environment: Environment, version: str, ctx: Context) -> bool:
    value = environment.get(version)
    empty = isinstance(value, Absent) or (isinstance(value, Known) and value.value == "")
    return empty and version not in ctx.deployment.updated_versions


def _upload(key: str, ctx: Context) -> Upload | None:
    """What puts a file of the repository at the key: Terraform's own object first, then a command."""
    found = [upload for upload in ctx.deployment.uploads if _puts(upload, key, ctx)]
    return min(found, key=lambda upload: not upload.address, default=None)


def _puts(upload: Upload, key: str, ctx: Context) -> bool:
    if not upload.recursive:
        return upload.key == key
    prefix = f"{upload.key}/" if upload.key else ""
    path = f"{upload.source}/{key[len(prefix) :]}" if upload.source else key[len(prefix) :]
    return key.startswith(prefix) and ctx.project.get(path) is not None


def _managed(environment: Environment, argument: str, ctx: Context) -> str:
    """The Terraform object that the argument refers to, "" when it does not."""
    match = _reference(environment, argument, ctx)
    return match["object"] if match else ""


def _reference(environment: Environment, argument: str, ctx: Context) -> re.Match[str] | None:
    place = environment.declared.get(argument)
    file = ctx.project.get(place.path) if place else None
    if not environment.by_terraform or place is None or file is None:
        return None
    return _KEY_OF_OBJECT.search(file.slice(place.span))


def _as_declared(environment: Environment, argument: str, version: str) -> str:
    """The version argument in the words of the file: ``RequirementsS3ObjectVersion`` beside ``RequirementsS3Path``."""
    place = environment.declared.get(argument)
    written = place.symbol.rpartition(".")[2] if place else ""
    return f"{written.removesuffix('Path')}ObjectVersion" if written.endswith("S3Path") else version


def _fix(environment: Environment, argument: str, version: str, upload: Upload | None, ctx: Context) -> Fix | None:
    """A line after the path that names the version of the Terraform object in the same module."""
    # Where Terraform does not see a new file, the version of the object stays the same as well.
    unwatched = upload is not None and not upload.watched
    if not environment.by_terraform or version in environment.declared or unwatched:
        return None
    source = _managed(environment, argument, ctx) or _sole_object(environment, upload)
    place = environment.declared.get(argument)
    file = ctx.project.get(place.path) if place else None
    if not source or place is None or file is None or not file.path.endswith(".tf"):
        return None
    return Fix(f"Pass {source}.version_id", Safety.SAFE, (line_after(place, f"{version} = {source}.version_id", file),))


def _sole_object(environment: Environment, upload: Upload | None) -> str:
    """The object that uploads the file, when it is a single one and stands in the environment's module."""
    match = _OBJECT_ADDRESS.fullmatch(upload.address) if upload else None
    if match is None or upload is None:
        return ""
    same_module = match["module"] == environment.symbol.rpartition("aws_mwaa_environment.")[0]
    folders = {PurePosixPath(path).parent for path in (upload.location.path, environment.location.path)}
    return match["object"] if same_module and len(folders) == 1 else ""
