"""Which of several environments in one repository a file belongs to, and which of several files an upload means."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mwaalint.model.values import known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.discover import Project
    from mwaalint.model.environment import Environment, Upload


def shared(folder: str, path: str) -> int:
    """How many leading parts a folder and a path have in common."""
    count = 0
    for left, right in zip(PurePosixPath(folder).parts, PurePosixPath(path).parts, strict=False):
        if left != right:
            break
        count += 1
    return count


def nearness(environment: Environment, *paths: str) -> int:
    """How many folders an environment shares with the nearest of some paths."""
    folder = str(PurePosixPath(environment.location.path).parent)
    return max(shared(folder, path) for path in paths)


def belongs(environment: Environment, environments: Sequence[Environment], *paths: str) -> bool:
    """Whether no other environment lies nearer to the paths. Scripts and files apart from all of them belong to all."""
    mine = nearness(environment, *paths)
    return all(nearness(other, *paths) <= mine for other in environments)


def uploads_of(
    environment: Environment, environments: Sequence[Environment], uploads: Sequence[Upload]
) -> tuple[Upload, ...]:
    """The uploads that may feed an environment, those in its own file first, then the nearest."""
    own = [
        upload for upload in uploads if belongs(environment, environments, upload.location.path, _place(upload.source))
    ]
    return tuple(
        sorted(
            own,
            key=lambda upload: (
                upload.location.path != environment.location.path,
                -nearness(environment, upload.location.path, _place(upload.source)),
            ),
        )
    )


def puts(key: str, uploads: Sequence[Upload]) -> list[tuple[str, Upload]]:
    """The paths in the repository, each with its upload, of what the uploads put at a key of a bucket."""
    single = [upload for upload in uploads if not upload.recursive]
    if exact := [(upload.source, upload) for upload in single if upload.key == key]:
        return exact
    # "s3://$BUCKET/requirements.txt": the variable may hold the folders in front.
    if named := [(one.source, one) for one in single if not one.address and one.key == PurePosixPath(key).name]:
        return named
    return [
        (str(PurePosixPath(upload.source, key.removeprefix(upload.key).lstrip("/"))), upload)
        for upload in uploads
        if upload.recursive and key.startswith(f"{upload.key}/" if upload.key else "")
    ]


def packed_plugins(
    environment: Environment, uploads: Sequence[Upload], project: Project, dags_folder: str | None
) -> str | None:
    """The folder that is packed into the environment's plugins; not one with the DAGs, which are no plugins."""
    key = (known(environment.plugins_s3_path, str) or "").lstrip("/")
    packed = (upload.source for upload in uploads if key and upload.archived and upload.key == key)
    beside = (folder for folder in packed if folder and not f"{dags_folder}/".startswith(f"{folder}/"))
    return next((folder for folder in beside if project.has_folder(folder)), None)


def same_module(environment: Environment, upload: Upload) -> bool:
    """Whether both are declared in the same instance of a Terraform module."""
    module, resource, _ = environment.symbol.partition("aws_mwaa_environment")
    inside = upload.address.removeprefix(module)
    return upload.address.startswith(module) and bool(inside) and not (resource and inside.startswith("module."))


def _place(source: str) -> str:
    return "" if source == "." else source
