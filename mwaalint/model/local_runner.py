"""The local runner: the files that run Airflow on a laptop as MWAA would, of one of AWS's two projects for that.

``adapters.local_runner`` reads them.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mwaalint.records import record

if TYPE_CHECKING:
    from mwaalint.documents.airflow_cfg import AirflowCfg
    from mwaalint.documents.compose import Service, Text
    from mwaalint.documents.dockerfile import Dockerfile
    from mwaalint.documents.env_file import EnvFile
    from mwaalint.source import SourceFile


class Kind(Enum):
    """Which of AWS's projects a service's image is of; the value is its repository."""

    RUNNER = "aws-mwaa-local-runner"
    IMAGES = "amazon-mwaa-docker-images"


@record
class AirflowService:
    """A service that starts the local runner's image.

    ``version`` is its Airflow as far as the files tell ("2.8", "2.10.3"), ``told_by`` where. ``helper`` is a service
    that does one thing and ends. ``beside`` are the other services of its file, such as its database.
    """

    service: Service
    kind: Kind
    version: str | None
    told_by: Text | None
    helper: bool
    env_files: tuple[EnvFile, ...] = ()
    beside: tuple[Service, ...] = ()

    def value(self, name: str) -> str | None:
        """What the container finds a variable set to, as it is written; None where nothing here sets it."""
        variable = self.service.variable(name)
        if variable is not None:
            return variable.text.value if variable.text else None
        return next((value for one in reversed(self.env_files) if (value := one.value(name)) is not None), None)


@record
class LocalRunner:
    """All files of the project's local runners.

    ``dockerfiles`` are those of the images, ``settings`` the ``airflow.cfg`` in them, ``scripts`` what they are built
    and started with.
    """

    services: tuple[AirflowService, ...] = ()
    dockerfiles: tuple[Dockerfile, ...] = ()
    settings: tuple[AirflowCfg, ...] = ()
    env_files: tuple[EnvFile, ...] = ()
    scripts: tuple[SourceFile, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.services or self.dockerfiles)

    @property
    def path(self) -> str:
        """The file that a finding on all of it stands in."""
        return self.services[0].service.text.file.path if self.services else self.dockerfiles[0].file.path

    def running(self, airflow: str | None) -> tuple[AirflowService, ...]:
        """The services that run Airflow. Where there are some of several versions, those of this one."""
        running = [one for one in self.services if not one.helper]
        same = [one for one in running if one.version is not None and airflow and agree(one.version, airflow)]
        return tuple(same or running)

    def version_of(self, file: SourceFile) -> str | None:
        """The Airflow of the image that a file belongs to: the one version of its folder and those below and above."""
        folder = file.path.rpartition("/")[0]
        near = {one.version for one in self.services if _related(folder, one.service.text.file.path.rpartition("/")[0])}
        near |= {
            one.value("AIRFLOW_VERSION")
            for one in self.dockerfiles
            if _related(folder, one.file.path.rpartition("/")[0])
        }
        known = sorted({one for one in near if one}, key=len)
        return known[-1] if known and all(agree(one, known[-1]) for one in known) else None


def agree(one: str, other: str) -> bool:
    """Whether two versions are the same as far as both say."""
    return all(left == right for left, right in zip(one.split("."), other.split("."), strict=False))


def _related(folder: str, other: str) -> bool:
    """Whether one of two folders is in the other."""
    return not folder or not other or f"{folder}/".startswith(f"{other}/") or f"{other}/".startswith(f"{folder}/")
