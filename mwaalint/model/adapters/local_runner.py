"""Finds the project's local runners: the Compose services with an image of AWS's, and what belongs to these.

A Compose file that runs Airflow's own image is none, however much it looks like one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from mwaalint.documents import airflow_cfg, compose, dockerfile, env_file, yaml_nodes
from mwaalint.documents.compose import filled
from mwaalint.findings import not_analysed
from mwaalint.model.environment import Declarations
from mwaalint.model.local_runner import AirflowService, Kind, LocalRunner
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeVar

    from mwaalint.discover import Project
    from mwaalint.documents.airflow_cfg import AirflowCfg
    from mwaalint.documents.compose import Service, Text
    from mwaalint.documents.dockerfile import Dockerfile
    from mwaalint.documents.env_file import EnvFile
    from mwaalint.findings import Finding
    from mwaalint.source import SourceFile

    Document = TypeVar("Document")

_IMAGES = (
    (Kind.RUNNER, regex(r"(?:^|/)[\w.-]*mwaa-local[\w.-]*(?::.*)?$")),
    (Kind.IMAGES, regex(r"(?:^|/)amazon-mwaa-docker-images/airflow(?::.*)?$")),
)
_TAG = regex(r"v?(?P<version>\d+[_.]\d+(?:[_.]\d+)?)(?:-[\w.-]+)?$")
_VERSION = regex(r"\d+\.\d+(?:\.\d+)?")
# What the images' entry points run for good; anything else does one thing and ends.
_RUNS = frozenset(
    {
        *("local-runner", "webserver", "scheduler", "worker", "triggerer", "hybrid", "dag-processor", "api-server"),
        *("standalone", "airflow"),
    }
)
_IS_DOCKERFILE = regex(r"(?:^|/)(?:Dockerfile[^/]*|[^/]+\.Dockerfile)$")
_OVERRIDES = regex(r"(?P<stem>(?:^|.*/)(?:docker-)?compose)(?P<ending>\.ya?ml)")
# What the project's own images are built with.
_BUILT_WITH = regex(rb"\bmwaa-local\b|MWAA Local|amazon-mwaa-docker-images", re.I)
_SCRIPT = regex(r"(?:^|[\s\"'\[])(?P<path>[\w./-]+\.sh)(?=[\s\"',])")
_CFG = "airflow.cfg"


def read(files: Sequence[SourceFile], project: Project) -> Declarations:
    """The local runners among files whose content speaks of one."""
    reader = _Reader(project)
    services = [one for file in files if not _IS_DOCKERFILE.search(file.path) for one in reader.services(file)]
    images = [image for file in files if _IS_DOCKERFILE.search(file.path) for image in reader.image(file)]
    images += [image for one in services for image in reader.built(one.service)]
    dockerfiles = {one.file.path: one for one in images}
    services = [_told_by_image(one, dockerfiles) for one in services]
    local = LocalRunner(
        services=tuple(services),
        dockerfiles=tuple(dockerfiles[path] for path in sorted(dockerfiles)),
        settings=tuple(reader.settings(services, list(dockerfiles.values()))),
        env_files=tuple({one.file.path: one for service in services for one in service.env_files}.values()),
        scripts=tuple(reader.scripts(list(dockerfiles.values()))),
    )
    return Declarations(local=local if local else None, problems=tuple(reader.problems))


def _told_by_image(one: AirflowService, dockerfiles: dict[str, Dockerfile]) -> AirflowService:
    """The service with the version that its Dockerfile names in full; with none where the two contradict each other."""
    folder = normpath(join(dirname(one.service.text.file.path), one.service.context or "."))
    image = dockerfiles.get(normpath(join(folder, one.service.dockerfile or "Dockerfile")))
    version = image.value("AIRFLOW_VERSION") if image else None
    if image is None or version is None or not _VERSION.fullmatch(version):
        return one
    if one.version is not None and not f"{version}.".startswith(f"{one.version}."):
        return replace(one, version=None, told_by=None)
    return replace(one, version=version)


class _Reader:
    """Reads each file once, and keeps what could not be read."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.problems: list[Finding] = []
        self._env_files: dict[str, EnvFile | None] = {}

    def services(self, file: SourceFile) -> Iterator[AirflowService]:
        """The services of a file that run an image of AWS's."""
        if _is_override(file, self.project):
            return
        try:
            services = compose.services_of(file, self._beside)
            services = self._overridden(file, services)
        except yaml_nodes.YamlError as error:
            self.problems.append(yaml_nodes.problem(file, error))
            return
        variables = self._variables(file)
        kinds = {one.name: _kind(one, variables) for one in services}
        others = tuple(one for one in services if kinds[one.name] is None)
        for one in services:
            kind = kinds[one.name]
            if kind is not None:
                version = _version(one.image, variables)
                told_by = one.image if version else None
                read = (self._env_file(file, each.value, variables) for each in one.env_files)
                known = tuple(each for each in read if each)
                yield AirflowService(one, kind, version, told_by, _is_helper(one), known, others)

    def _overridden(self, file: SourceFile, services: list[Service]) -> list[Service]:
        """The services with what Compose takes from the file of overrides beside, without being asked."""
        match = _OVERRIDES.fullmatch(file.path)
        names = (f"{match['stem']}.override{ending}" for ending in (".yml", ".yaml")) if match else ()
        override = next((found for name in names if (found := self.project.get(name))), None)
        if override is None:
            return services
        over = {one.name: one for one in compose.services_of(override, self._beside)}
        return [compose.merged(one, over[one.name]) if one.name in over else one for one in services]

    def _beside(self, file: SourceFile, path: str) -> SourceFile | None:
        return self.project.get(normpath(join(dirname(file.path), path)))

    def _variables(self, file: SourceFile) -> dict[str, str]:
        """What Compose fills in: the variables of the file ``.env`` beside."""
        found = self._env_file(file, ".env", {})
        return {one.name: one.value for one in found.variables} if found else {}

    def _env_file(self, file: SourceFile, name: str, variables: dict[str, str]) -> EnvFile | None:
        path = filled(name, {"PWD": ".", **variables})
        found = self._beside(file, path) if path else None
        if found is None:
            return None
        if found.path not in self._env_files:
            self._env_files[found.path] = self._read(found, env_file.read)
        return self._env_files[found.path]

    def _read(self, file: SourceFile, reader: Callable[[SourceFile], Document]) -> Document | None:
        try:
            return reader(file)
        except UnreadableFileError as error:
            self.problems.append(not_analysed(file.path, str(error)))
            return None

    def image(self, file: SourceFile) -> Iterator[Dockerfile]:
        """A Dockerfile that makes an image of AWS's, or one on top of it."""
        document = self._read(file, dockerfile.read)
        if document and _BUILT_WITH.search(file.data):
            yield document

    def built(self, service: Service) -> Iterator[Dockerfile]:
        """The Dockerfile that a service is built with."""
        if service.context is None:
            return
        folder = join(dirname(service.text.file.path), service.context)
        file = self.project.get(normpath(join(folder, service.dockerfile or "Dockerfile")))
        document = self._read(file, dockerfile.read) if file else None
        if document:
            yield document

    def settings(self, services: Sequence[AirflowService], images: Sequence[Dockerfile]) -> Iterator[AirflowCfg]:
        """The ``airflow.cfg`` that the images copy, or that a service mounts."""
        sources = [
            join(dirname(image.file.path), word)
            for image in images
            for one in (*image.all("COPY"), *image.all("ADD"))
            for word in one.text.split()[:-1]
        ]
        sources += [
            join(dirname(one.service.text.file.path), filled(mount.source, {"PWD": "."}) or "?")
            for one in services
            for mount in one.service.mounts
            if mount.target.endswith(f"/{_CFG}")
        ]
        for path in sorted({normpath(source) for source in sources if source.endswith(f"/{_CFG}")}):
            file = self.project.get(path)
            document = self._read(file, airflow_cfg.read) if file else None
            if document:
                yield document

    def scripts(self, images: Sequence[Dockerfile]) -> Iterator[SourceFile]:
        """The shell scripts that the images copy and run."""
        paths = {
            normpath(join(dirname(image.file.path), match["path"]))
            for image in images
            for one in image.all("COPY")
            for match in _SCRIPT.finditer(one.text)
        }
        yield from (file for path in sorted(paths) if (file := self.project.get(path)))


def _is_override(file: SourceFile, project: Project) -> bool:
    """Whether Compose reads a file on top of the one beside it."""
    if ".override.y" not in file.path:
        return False
    stem = file.path.rpartition(".override.y")[0]
    return any(project.get(f"{stem}{ending}") for ending in (".yml", ".yaml"))


def _kind(service: Service, variables: dict[str, str]) -> Kind | None:
    """Which image of AWS's a service runs: by its name, by what only the one's entry point knows, by the variables that
    only the other's reads.
    """
    name = (filled(service.image.value, variables) or service.image.value) if service.image else ""
    kind = next((kind for kind, pattern in _IMAGES if pattern.search(name)), None)
    if kind is not None:
        return kind
    if service.command and service.command[0] == "local-runner":
        return Kind.RUNNER
    return Kind.IMAGES if any(one.name.startswith("MWAA__") for one in service.environment) else None


def _version(image: Text | None, variables: dict[str, str]) -> str | None:
    name = filled(image.value, variables) if image else None
    tag = _TAG.match(name.rpartition(":")[2]) if name and ":" in name else None
    return tag["version"].replace("_", ".") if tag else None


def _is_helper(service: Service) -> bool:
    if service.entrypoint:
        return True
    return bool(service.command) and service.command[0] not in _RUNS if service.command is not None else False
