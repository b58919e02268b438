"""Deploy steps in scripts, Makefiles, CI files and Terraform provisioners: what they copy to S3, and what they tell
MWAA afterwards.

Commands are read, not run: ``aws s3 cp|mv|sync SOURCE s3://BUCKET/KEY`` and ``aws mwaa update-environment``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from mwaalint.model.deploy_steps import read_steps
from mwaalint.model.environment import Declarations, Upload
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mwaalint.discover import Project
    from mwaalint.findings import Location
    from mwaalint.model.deploy_commands import DeployStep, DeploySteps
    from mwaalint.source import SourceFile

_VERBS = frozenset({"cp", "mv", "sync"})
_VERSION_ARGUMENTS = {
    "requirements_s3_object_version": regex(
        rb"--requirements-s3-object-version|RequirementsS3ObjectVersion['\"]?\s*[=:]"
    ),
    "plugins_s3_object_version": regex(rb"--plugins-s3-object-version|PluginsS3ObjectVersion['\"]?\s*[=:]"),
    "startup_script_s3_object_version": regex(
        rb"--startup-script-s3-object-version|StartupScriptS3ObjectVersion['\"]?\s*[=:]"
    ),
}
_UPDATES = regex(rb"mwaa\s+update-environment|\bupdate_environment\s*\(")


def read(files: Sequence[SourceFile], project: Project) -> Declarations:
    """The steps of these files, their uploads, and the object versions that a step passes to UpdateEnvironment.

    Files that cannot be decoded are passed over: most scripts have nothing to do with MWAA.
    """
    steps = read_steps(files)
    updated: set[str] = set()
    for file in files:
        try:
            data = file.data
        except UnreadableFileError:
            continue
        if _UPDATES.search(data):
            updated |= {argument for argument, pattern in _VERSION_ARGUMENTS.items() if pattern.search(data)}
    return Declarations(uploads=tuple(_uploads(steps, project)), updated_versions=frozenset(updated), steps=steps)


def _uploads(steps: DeploySteps, project: Project) -> Iterator[Upload]:
    for step in steps.steps:
        if step.operands[:2] != ("aws", "s3") or len(step.operands) < 5 or step.operands[2] not in _VERBS:
            continue
        verb, place, target = step.operands[2:5]
        if "s3://" not in target and not target.startswith("$"):
            continue
        source = _in_repository(place, step, project)
        if source is not None:
            yield _upload(source, target, project, replace(step.location, symbol=f"aws s3 {verb} {source}"))


def _upload(source: str, target: str, project: Project, location: Location) -> Upload:
    key = target.partition("s3://")[2].partition("/")[2]
    recursive = project.get(source) is None
    if not recursive and (not key or key.endswith("/")):
        key += PurePosixPath(source).name
    return Upload(source, key.rstrip("/"), location, recursive=recursive)


def _in_repository(source: str, step: DeployStep, project: Project) -> str | None:
    """The path in the repository of a command's source: from where it runs, from the root, from the script's folder."""
    # "$ROOT/dags": a variable in front is some base folder; the rest is what the repository can tell.
    relative = re.sub(r"^\$\{[^{}]*\}/", "", source)
    if not relative or "$" in relative or relative.startswith(("/", "s3:", "-", "~")):
        return None
    known = [step.folder] if step.folder and not step.folder.startswith("?/") and relative == source else []
    for base in (*known, "", str(PurePosixPath(step.file.path).parent)):
        path = normpath(f"{base}/{relative}" if base not in ("", ".") else relative)
        if project.get(path) is not None or (path != "." and project.has_folder(path)):
            return path
    return None
