"""Links files to environments: which requirements, DAGs, startup script and dbt projects one environment runs, and on
what versions.

Evidence decides, the strongest first: the environment's own path and the upload that feeds it, then the settings, then
the layout of the folders. A requirements file with no evidence is not linted.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.discover import Role
from mwaalint.findings import Confidence, Finding, Location, not_analysed
from mwaalint.model import layout, startup_files
from mwaalint.model.declared import declarations
from mwaalint.model.deployment import DbtProject, Deployment, Evidence, Target
from mwaalint.model.nearness import belongs, nearness, packed_plugins, puts, same_module, shared, uploads_of
from mwaalint.model.related import related_of
from mwaalint.model.values import Absent, Known, is_set, known
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mwaalint.catalog import Catalog
    from mwaalint.discover import Project
    from mwaalint.documents.requirements import RequirementsFile
    from mwaalint.model.environment import Declarations, Environment, Upload
    from mwaalint.source import SourceFile

_CONSTRAINT_VERSION = regex(r"^[ \t]*(?:-c|--constraint)[ \t=]*[\"']?[^\s#]*constraints-(\d+\.\d+\.\d+)/", re.M)
_AIRFLOW_PIN = regex(
    r"^[ \t]*apache[-_.]airflow[ \t]*(?:\[[^\]\n]*\])?[ \t]*===?[ \t]*(\d+\.\d+\.\d+)[ \t]*(?:[;#\\]|$)", re.M | re.I
)


class Stated(NamedTuple):
    """What the settings say of an environment, in place of what would be inferred. Paths are relative to the root."""

    name: str = ""
    airflow_version: str | None = None
    requirements: str | None = None
    dags: str | None = None


class Resolution(NamedTuple):
    """The deployments of a project, and what could not be read on the way (MW001 findings)."""

    deployments: tuple[Deployment, ...]
    problems: tuple[Finding, ...]


def resolve(
    project: Project,
    catalog: Catalog,
    *,
    airflow_version: str | None = None,
    stated: Sequence[Stated] = (),
) -> Resolution:
    """The deployments of a project.

    ``airflow_version`` (the command line or the settings) goes before what the repository says.
    """
    declared = declarations(project)
    linker = _Linker(project, catalog, declared, airflow_version, tuple(stated))
    deployments = [linker.deployment(environment) for environment in declared.environments]
    if not any(deployment.requirements_evidence for deployment in deployments):
        deployments += linker.by_layout(bare=not declared.environments)
    code = bool(project.with_role(Role.PYTHON))
    files = {one.requirements.file.path if one.requirements else "" for one in deployments}
    deployments = [replace(one, code=code, local=declared.local, installed=frozenset(files)) for one in deployments]
    return Resolution(tuple(deployments), (*declared.problems, *linker.problems))


class _Linker:
    """Finds the files of one environment after another, reading each requirements file once."""

    def __init__(
        self,
        project: Project,
        catalog: Catalog,
        declared: Declarations,
        airflow_version: str | None,
        stated: tuple[Stated, ...],
    ) -> None:
        self.project = project
        self.catalog = catalog
        self.declared = declared
        self.airflow_version = airflow_version
        self.stated = stated
        self.problems: list[Finding] = []
        self.dags_folders = layout.dags_folders(project)
        self._documents: dict[str, RequirementsFile | None] = {}

    def deployment(self, environment: Environment) -> Deployment:
        stated = self._stated(environment)
        uploads = uploads_of(environment, self.declared.environments, self.declared.uploads)
        file, evidence = self._requirements(environment, stated, uploads)
        dags_folder = self._dags_folder(environment, file, stated, uploads)
        others = self.declared.environments
        startup = startup_files.of_environment(environment, others, uploads, self._uploaded, self.project, dags_folder)
        return Deployment(
            target=self._target(environment, file, stated, evidence),
            environment=environment,
            requirements=self._document(file),
            requirements_evidence=evidence,
            dags_folder=dags_folder,
            plugins_folder=packed_plugins(environment, uploads, self.project, dags_folder),
            startup_script=startup and startup.file,
            startup_evidence=startup and startup.evidence,
            startup_rendered=startup is not None and startup.rendered,
            dbt_projects=self._dbt_projects(dags_folder),
            uploads=uploads,
            updated_versions=self.declared.updated_versions,
            steps=self.declared.steps,
            related=related_of(environment, self.declared),
        )

    def by_layout(self, *, bare: bool) -> list[Deployment]:
        """Deployments that only folders, scripts or settings tell of.

        ``bare``: no environment was declared. Where one was, a file it does not name is not installed by it; only the
        file that an environment names without saying where it comes from is left to the layout, and that was tried
        before.
        """
        pairs = self._stated_pairs() or self._uploaded_pairs()
        if (
            not pairs
            and bare
            and not layout.has_unwired_unread_environment(self.project)
            and layout.concerns_mwaa(self.project)
        ):
            pairs = self._layout_pairs()
        return [
            self._bare_deployment(file, evidence, dags) for file, evidence, dags in pairs if bare or file is not None
        ]

    def _stated_pairs(self) -> list[tuple[SourceFile | None, Evidence | None, str | None]]:
        pairs: list[tuple[SourceFile | None, Evidence | None, str | None]] = []
        for stated in self.stated:
            file = self.project.get(stated.requirements) if stated.requirements else None
            evidence = Evidence("the settings name it", Confidence.HIGH) if file else None
            if file or stated.dags is not None:
                pairs.append((file, evidence, stated.dags))
        return pairs

    def _uploaded_pairs(self) -> list[tuple[SourceFile | None, Evidence | None, str | None]]:
        if self.declared.environments or not layout.concerns_mwaa(self.project):
            return []
        files = {
            upload.source: upload
            for upload in self.declared.uploads
            if PurePosixPath(upload.key).name == "requirements.txt" and not upload.recursive
        }
        pairs: list[tuple[SourceFile | None, Evidence | None, str | None]] = []
        for source, upload in files.items():
            file = self.project.get(source)
            if file is not None and not layout.is_application(file):
                pairs.append(
                    (file, Evidence(f"{upload.location.path} uploads it", Confidence.HIGH), self._nearest_dags(file))
                )
        return pairs

    def _layout_pairs(self) -> list[tuple[SourceFile | None, Evidence | None, str | None]]:
        pairs: list[tuple[SourceFile | None, Evidence | None, str | None]] = []
        for folder in layout.without_other_airflows(self.dags_folders, self.project):
            beside = layout.requirements_beside(folder, self.project)
            if beside is None or layout.is_for_an_image(beside[0], self.project):
                pairs.append((None, None, folder))
            elif beside[0] not in [file for file, _, _ in pairs]:
                pairs.append((beside[0], Evidence(beside[1], Confidence.MEDIUM), folder))
        if not any(file for file, _, _ in pairs):
            for made, how in layout.made_for_mwaa(self.project):
                pairs.append((made, Evidence(how, Confidence.MEDIUM), self._nearest_dags(made)))
        return pairs

    def _bare_deployment(self, file: SourceFile | None, evidence: Evidence | None, dags: str | None) -> Deployment:
        path = file.path if file else None
        # What is stated without a name and without files is stated of everything.
        mine = (
            one for one in self.stated if one == Stated(airflow_version=one.airflow_version) or one.requirements == path
        )
        startup = startup_files.by_layout(dags, self.project)
        return Deployment(
            target=self._target(None, file, next(mine, None), evidence),
            requirements=self._document(file),
            requirements_evidence=evidence,
            dags_folder=dags,
            startup_script=startup and startup.file,
            startup_evidence=startup and startup.evidence,
            dbt_projects=self._dbt_projects(dags),
            uploads=self.declared.uploads,
            updated_versions=self.declared.updated_versions,
            steps=self.declared.steps,
        )

    def _stated(self, environment: Environment) -> Stated | None:
        names = ("", known(environment.name, str), environment.symbol)
        return next((item for item in self.stated if item.name in names), None)

    def _requirements(
        self, environment: Environment, stated: Stated | None, uploads: Sequence[Upload]
    ) -> tuple[SourceFile | None, Evidence | None]:
        if stated and stated.requirements and (file := self.project.get(stated.requirements)):
            return file, Evidence("the settings name it", Confidence.HIGH)
        key = known(environment.requirements_s3_path, str)
        if key is not None:
            found = self._uploaded(key.lstrip("/"), environment, uploads)
            if found is not None:
                return found
        if is_set(environment.requirements_s3_path):
            return self._requirements_by_layout(environment, key)
        return self._meant_for_mwaa(environment, uploads)

    def _meant_for_mwaa(
        self, environment: Environment, uploads: Sequence[Upload]
    ) -> tuple[SourceFile | None, Evidence | None]:
        """A file that goes to MWAA's usual key, or lies where the local runner has it, though nothing names it.

        Where another environment names its file, or lies elsewhere, one that names none is taken at its word.
        """
        others = self.declared.environments
        if any(is_set(each.requirements_s3_path) or each.location.path != environment.location.path for each in others):
            return None, None
        uploaded = self._uploaded("requirements.txt", environment, uploads)
        if uploaded is not None and not layout.is_application(uploaded[0]):
            path = uploaded[0].path
            return uploaded[0], Evidence(f"the repository uploads {path} as requirements.txt", Confidence.MEDIUM)
        for folder in self.dags_folders:
            runner = layout.requirements_of_local_runner(folder, self.project)
            if runner is not None:
                return runner[0], Evidence(runner[1], Confidence.MEDIUM)
        return None, None

    def _uploaded(
        self, key: str, environment: Environment, uploads: Sequence[Upload]
    ) -> tuple[SourceFile, Evidence] | None:
        """The file that an upload puts at a key of the bucket; none where several files may be meant."""
        found = [(file, upload) for source, upload in puts(key, uploads) if (file := self.project.get(source))]
        beside = {file.path for file, _ in self._beside_dags(environment)} if len(found) > 1 else set()
        for is_meant in (
            lambda _, upload: same_module(environment, upload),
            lambda _, upload: upload.location.path == environment.location.path,
            lambda file, _: file.path in beside,
        ):
            if len({file.path for file, _ in found}) > 1:
                found = [(file, upload) for file, upload in found if is_meant(file, upload)] or found
        if len({file.path for file, _ in found}) != 1:
            return None
        file, upload = found[0]
        return file, Evidence(f"the environment names {key}, and {upload.location.path} uploads it", Confidence.HIGH)

    def _requirements_by_layout(
        self, environment: Environment, key: str | None
    ) -> tuple[SourceFile | None, Evidence | None]:
        """The environment installs a file, but nothing in the repository shows which: the key's own path, then the
        folders.
        """
        exact = self._at_key(environment, key.lstrip("/")) if key else None
        if exact is not None and key and "/" in key and not layout.is_application(exact):
            return exact, Evidence(f"the environment names {key}, and the repository has that path", Confidence.HIGH)
        candidates = self._beside_dags(environment)
        if exact is not None and not layout.is_application(exact) and not candidates:
            candidates = [(exact, f"the environment names {key}, and the repository has that path")]
        if not candidates:
            near = self._near_environment(environment, key)
            named = layout.made_for_mwaa(self.project) if key is None else []
            candidates = [(near, "it lies beside the environment's own files")] if near else named
        if len({file.path for file, _ in candidates}) != 1:
            return None, None
        return candidates[0][0], Evidence(
            f"the environment installs requirements, and {candidates[0][1]}", Confidence.MEDIUM
        )

    def _at_key(self, environment: Environment, key: str) -> SourceFile | None:
        """The file at the key's own path, from the environment's folder upwards to the root.

        A key without a folder says too little for that and counts at the root only.
        """
        folders = PurePosixPath(environment.location.path).parents if "/" in key else [PurePosixPath()]
        found = next((file for folder in folders if (file := self.project.get(str(folder / key)))), None)
        return found if found and belongs(environment, self.declared.environments, found.path) else None

    def _beside_dags(self, environment: Environment) -> list[tuple[SourceFile, str]]:
        """The requirements files beside DAGs folders that are nearest to the environment and to no other one."""
        beside = [found for folder in self.dags_folders if (found := layout.requirements_beside(folder, self.project))]
        own = [found for found in beside if belongs(environment, self.declared.environments, found[0].path)]
        nearest = max((nearness(environment, file.path) for file, _ in own), default=0)
        return [found for found in own if nearness(environment, found[0].path) == nearest]

    def _near_environment(self, environment: Environment, key: str | None) -> SourceFile | None:
        """The only file of the key's name in the repository that is not an application's."""
        name = PurePosixPath(key).name if key else "requirements.txt"
        files = [
            f
            for f in self.project.with_role(Role.REQUIREMENTS)
            if PurePosixPath(f.path).name == name and not layout.is_application(f)
        ]
        folder = PurePosixPath(environment.location.path).parent
        beside = [f for f in files if PurePosixPath(f.path).parent == folder]
        return beside[0] if len(beside) == 1 else None

    def _dags_folder(
        self, environment: Environment, file: SourceFile | None, stated: Stated | None, uploads: Sequence[Upload]
    ) -> str | None:
        if stated and stated.dags is not None:
            return stated.dags
        key = (known(environment.dag_s3_path, str) or "").strip("/")
        for upload in uploads:
            if key and upload.recursive and upload.key == key and self.project.has_folder(upload.source):
                return upload.source
        for upload in uploads:
            prefix = f"{upload.key}/" if upload.key else ""
            if key and upload.recursive and key.startswith(prefix):
                folder = _joined(upload.source, key[len(prefix) :])
                if self.project.has_folder(folder):
                    return folder
        if file is not None and (near := self._nearest_dags(file)):
            return near
        own = [folder for folder in self.dags_folders if belongs(environment, self.declared.environments, folder)]
        return own[0] if len(self.dags_folders) == 1 and own else None

    def _nearest_dags(self, file: SourceFile) -> str | None:
        """The DAGs folder that shares the longest way with a file; None when two are equally near."""
        if not self.dags_folders:
            return None
        ranked = sorted(self.dags_folders, key=lambda folder: -shared(folder, file.path))
        if len(ranked) > 1 and shared(ranked[0], file.path) == shared(ranked[1], file.path):
            return None
        return ranked[0]

    def _dbt_projects(self, dags_folder: str | None) -> tuple[DbtProject, ...]:
        if dags_folder is None:
            return ()
        below = {file.path for file in self.project.below(dags_folder) if "/dbt_packages/" not in f"/{file.path}"}
        files = [file for file in self.project.with_role(Role.DBT) if file.path in below]
        return tuple(DbtProject(file, str(PurePosixPath(file.path).parent)) for file in files)

    def _target(
        self,
        environment: Environment | None,
        file: SourceFile | None,
        stated: Stated | None,
        evidence: Evidence | None,
    ) -> Target:
        if self.airflow_version:
            return self._versions(self.airflow_version, "stated by the user", Confidence.HIGH, None)
        if stated and stated.airflow_version:
            return self._versions(stated.airflow_version, "stated in the settings", Confidence.HIGH, None)
        value = environment.airflow_version if environment else Absent()
        if isinstance(value, Known) and isinstance(value.value, str):
            return self._versions(value.value, f"declared in {value.origin.path}", Confidence.HIGH, value.origin)
        told = self._told_by_requirements(file, linked=evidence is not None and evidence.confidence is Confidence.HIGH)
        if told is not None and file is not None:
            version, line = told
            source = f"taken from the {line} line of {file.path}"
            return self._versions(version, source, Confidence.MEDIUM, Location(file.path))
        return Target()

    def _versions(self, airflow: str, source: str, confidence: Confidence, origin: Location | None) -> Target:
        release = self.catalog.release(airflow)
        return Target(airflow, release.python if release else None, source, confidence, origin)

    def _told_by_requirements(self, file: SourceFile | None, *, linked: bool) -> tuple[str, str] | None:
        """The Airflow version that a requirements file is written for, and the line that says so.

        MWAA installs an exact ``apache-airflow`` in that version's environment only. But files for a laptop have such
        a line as well, so it counts only where it is certain that MWAA installs the file (``linked``).
        """
        try:
            text = file.text if file else ""
        except UnreadableFileError:
            return None
        for pattern, line in ((_CONSTRAINT_VERSION, "constraint"), (_AIRFLOW_PIN, "apache-airflow")):
            found = set(pattern.findall(text))
            if found and (linked or pattern is _CONSTRAINT_VERSION):
                version = found.pop()
                return (version, line) if not found and self.catalog.release(version) else None
        return None

    def _document(self, file: SourceFile | None) -> RequirementsFile | None:
        if file is None:
            return None
        if file.path not in self._documents:
            from mwaalint.documents.requirements import read_requirements

            try:
                self._documents[file.path] = read_requirements(file)
            except UnreadableFileError as error:
                self._documents[file.path] = None
                self.problems.append(not_analysed(file.path, str(error)))
        return self._documents[file.path]


def _joined(folder: str, rest: str) -> str:
    return "/".join(part for part in ("" if folder == "." else folder, rest.strip("/")) if part)
