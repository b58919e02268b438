"""The packages that ``plugins.zip`` carries for an install without the index, as far as they are in the repository."""

from __future__ import annotations

import posixpath
import struct
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.findings import Location
from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from packaging.tags import Tag
    from packaging.version import Version

    from mwaalint.checks._api import Context
    from mwaalint.model.install import InstallPlan

# A zip file names its entries in a directory at its end; one of this size holds some 20,000 of them.
MAX_DIRECTORY = 2 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")
_END_SEARCHED = 65_536 + _END.size


class Artifact(NamedTuple):
    """A wheel or source archive, and the file of the repository that is it or contains it."""

    filename: str
    location: Location


class Wheel(NamedTuple):
    """What a wheel's file name tells. ``name`` is PEP 503 normalised."""

    name: str
    version: Version
    tags: frozenset[Tag]


def bundle(plan: InstallPlan, ctx: Context) -> list[Artifact]:
    """What lies where ``--find-links`` looks in the plugins folder; pip looks into no folders below it."""
    found = []
    for below in _looked_at(plan, ctx):
        for folder, archive in _places(plan, ctx):
            found += [
                Artifact(posixpath.basename(file.path), Location(file.path))
                for file in ctx.project.below(_joined(folder, below))
                if posixpath.dirname(file.path) == _joined(folder, below)
            ]
            if (zipped := ctx.project.get(archive)) is not None:
                names = (name for name in _entries(zipped.lend()) if posixpath.dirname(name) == below)
                found += [Artifact(posixpath.basename(name), Location(archive)) for name in names]
    return list(dict.fromkeys(found))


def read_wheel(filename: str) -> Wheel | None:
    """A wheel by its file name, None for everything else."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename
    from packaging.version import InvalidVersion

    try:
        name, version, _, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidVersion):
        return None
    return Wheel(name, version, tags)


def read_source(filename: str) -> str | None:
    """The PEP 503 name of a source archive by its file name, None for everything else."""
    from packaging.utils import InvalidSdistFilename, parse_sdist_filename
    from packaging.version import InvalidVersion

    try:
        return parse_sdist_filename(filename)[0]
    except (InvalidSdistFilename, InvalidVersion):
        return None


def supported_tags(ctx: Context) -> frozenset[Tag] | None:
    """The tags of the wheels that MWAA's Python and operating system take, None when these are not known."""
    from packaging.tags import compatible_tags, cpython_tags

    release = ctx.catalog.release(ctx.deployment.target.airflow or "")
    if release is None:
        return None
    major, minor = map(int, release.python.split("."))
    glibc = ctx.catalog.table("wheel-platforms")["rows"][release.os]
    platforms = [f"manylinux_2_{number}_x86_64" for number in range(glibc, 4, -1)]
    platforms += ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64", "linux_x86_64"]
    interpreter = f"cp{major}{minor}"
    abi = f"{interpreter}m" if (major, minor) < (3, 8) else interpreter
    exact = cpython_tags((major, minor), [abi], platforms)
    return frozenset([*exact, *compatible_tags((major, minor), interpreter, platforms)])


def _looked_at(plan: InstallPlan, ctx: Context) -> Iterator[str]:
    """The folders of ``--find-links`` relative to the plugins folder in the container."""
    plugins = str(ctx.catalog.fact("paths.plugins_dir"))
    for option in plan.options:
        value = (option.value or "").removeprefix("file://")
        path = posixpath.normpath(value) if value else ""
        if option.name == "--find-links" and (path == plugins or path.startswith(f"{plugins}/")):
            yield path.removeprefix(plugins).strip("/")


def _places(plan: InstallPlan, ctx: Context) -> Iterator[tuple[str, str]]:
    """Where the repository may have the plugins: a folder and a zip file for each place."""
    deployment = ctx.deployment
    if deployment.plugins_folder is not None:
        yield deployment.plugins_folder, f"{deployment.plugins_folder}.zip"
        return
    key = known(deployment.environment.plugins_s3_path, str) if deployment.environment else None
    for upload in deployment.uploads:
        if key and upload.key == key and not upload.recursive:
            yield upload.source.removesuffix(".zip"), upload.source
            return
    folder = posixpath.dirname(plan.document.file.path)
    for parent in dict.fromkeys(
        (folder, posixpath.dirname(folder), posixpath.dirname(deployment.dags_folder or folder))
    ):
        yield _joined(parent, "plugins"), _joined(parent, "plugins.zip")


def _joined(folder: str, rest: str) -> str:
    return posixpath.join(folder, rest).strip("/")


def _entries(path: Path) -> list[str]:
    """The names in a zip file; none when it is no zip file, is broken, or lists more than is looked at."""
    import zipfile

    try:
        if not _directory_is_small(path):
            return []
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return []


def _directory_is_small(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_SEARCHED))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        return False
    return bool(_END.unpack_from(tail, at)[5] <= MAX_DIRECTORY)
