"""Which of several environments in one repository a file belongs to: the one whose declaration lies nearest to it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def _place(source: str) -> str:
    return "" if source == "." else source
