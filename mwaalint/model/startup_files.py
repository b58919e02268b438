"""Which file is the startup script of a deployment: the environment's own path and what uploads it, then the layout."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.discover import Role
from mwaalint.findings import Confidence
from mwaalint.model.deployment import Evidence
from mwaalint.model.nearness import belongs, puts
from mwaalint.model.values import is_set, known
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mwaalint.discover import Project
    from mwaalint.model.environment import Environment, Upload
    from mwaalint.source import SourceFile

_USUAL = "startup.sh"
_NAMED = regex(r"(^|/)(mwaa[-_])?start[-_]?up([-_]script)?([-_]mwaa)?\.sh$", re.IGNORECASE)
# Scripts of that name that start something else: a container, a web application, Airflow itself.
_OTHER = regex(
    rb"\bdocker\b|\bexec\s+\"?\$|\b(gunicorn|uvicorn|systemctl|supervisord|npm\s+(run|start))\b"
    rb"|\bairflow\s+(db|initdb|webserver|scheduler|standalone|users|celery)\b"
)
_MWAA = regex(rb"mwaa|/usr/local/airflow", re.IGNORECASE)
_IMAGE = regex(r"(^|/)[^/]*docker[^/]*/", re.IGNORECASE)


class Found(NamedTuple):
    """A startup script, why it is taken for one, and whether Terraform renders it."""

    file: SourceFile
    evidence: Evidence
    rendered: bool = False


def of_environment(
    environment: Environment,
    environments: Sequence[Environment],
    uploads: Sequence[Upload],
    uploaded: Callable[[str, Environment, Sequence[Upload]], tuple[SourceFile, Evidence] | None],
    project: Project,
    dags_folder: str | None,
) -> Found | None:
    """The script an environment runs; None where it names none, or nothing shows which file that is.

    ``uploaded`` tells which file an upload puts at the environment's own path.
    """
    if not is_set(environment.startup_script_s3_path):
        return _of_deploy_step(environment, environments, project)
    key = (known(environment.startup_script_s3_path, str) or "").lstrip("/")
    if key and (sent := uploaded(key, environment, uploads)):
        return Found(*sent, _rendered(sent[0], key, uploads))
    if key and (exact := project.get(key)) and _is_candidate(exact):
        confidence = Confidence.HIGH if "/" in key else Confidence.MEDIUM
        return Found(exact, Evidence(f"the environment names {key}, and the repository has that path", confidence))
    name = PurePosixPath(key).name if key else ""
    found = next(_beside(dags_folder, name, project), None) or _only_one(name, project)
    if found is None or not belongs(environment, environments, found.path):
        return None
    return Found(found, Evidence("the environment runs a startup script, and it is named like one", Confidence.MEDIUM))


def _of_deploy_step(environment: Environment, environments: Sequence[Environment], project: Project) -> Found | None:
    """The script of an environment whose path is a parameter that is empty here, but that a deploy step names."""
    found = _only_one("", project) if "startup_script_s3_path" in environment.declared else None
    if found is None or not belongs(environment, environments, found.path):
        return None
    named = next((file for file in project.with_role(Role.DEPLOY) if _mentions(file, found.path)), None)
    return Found(found, Evidence(f"{named.path} deploys it", Confidence.MEDIUM)) if named else None


def _mentions(file: SourceFile, path: str) -> bool:
    try:
        return (
            file.path != path and re.search(rb"(?<![\w/])" + re.escape(path.encode()) + rb"\b", file.data) is not None
        )
    except UnreadableFileError:
        return False


def by_layout(dags_folder: str | None, project: Project) -> Found | None:
    """The script of a repository without a declared environment: where the local runner has it, beside the DAGs, or
    the only one of that name, if it speaks of MWAA.
    """
    if found := next(_beside(dags_folder, "", project), None):
        return Found(found, Evidence(f"it lies beside {dags_folder}/", Confidence.MEDIUM))
    only = _only_one("", project)
    if only is None or not _speaks_of_mwaa(only):
        return None
    return Found(only, Evidence("it is named like a startup script and speaks of MWAA", Confidence.MEDIUM))


def _speaks_of_mwaa(file: SourceFile) -> bool:
    try:
        return _MWAA.search(file.path.encode()) is not None or _MWAA.search(file.data) is not None
    except UnreadableFileError:
        return False


def _rendered(file: SourceFile, key: str, uploads: Sequence[Upload]) -> bool:
    return any(upload.rendered for source, upload in puts(key, uploads) if source == file.path)


def _beside(dags_folder: str | None, name: str, project: Project) -> Iterator[SourceFile]:
    """The scripts of the usual name, or of the environment's own name for it, around a DAGs folder."""
    if dags_folder is None:
        return
    parent = PurePosixPath(dags_folder).parent
    for folder in (parent / "startup_script", parent / "startup", parent):
        file = project.get(str(folder / (name or _USUAL)))
        if file is not None and _is_candidate(file):
            yield file


def _only_one(name: str, project: Project) -> SourceFile | None:
    """The only script of the repository that has the name, or that is named like a startup script."""
    files = [file for file in project.with_role(Role.SHELL) if not _IMAGE.search(file.path)]
    same = [file for file in files if name and PurePosixPath(file.path).name == name]
    likely = [file for file in same or files if (same or _NAMED.search(file.path)) and _is_candidate(file)]
    return likely[0] if len(likely) == 1 else None


def _is_candidate(file: SourceFile) -> bool:
    """Whether it may be one by what is in it; of one that cannot be read somebody has to say so."""
    try:
        return file.path.endswith(".sh") and not _OTHER.search(file.data)
    except UnreadableFileError:
        return True
