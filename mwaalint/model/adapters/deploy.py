"""Deploy steps in scripts, Makefiles, CI files and Terraform provisioners: what they copy to S3, and what they tell
MWAA afterwards.

Commands are found in the text, not run: ``aws s3 cp|mv|sync SOURCE s3://BUCKET/KEY`` and ``aws mwaa
update-environment``.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from mwaalint.findings import Location
from mwaalint.model.environment import Declarations, Upload
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mwaalint.discover import Project
    from mwaalint.source import SourceFile

_COPY = re.compile(r"\baws\s+(?:--[\w-]+(?:=|\s+)\S+\s+)*s3\s+(?P<verb>cp|mv|sync)\s+(?P<arguments>[^\n;|&]+)")
# A command that is only shown or remembered copies nothing.
_NOT_RUN = re.compile(r"(^|\s)#|\b(echo|printf|info|log|warn)\b[^;&|]*$")
_ASSIGNMENT = re.compile(
    r"^\s*(?:export\s+|local\s+|readonly\s+)?(?P<name>[A-Za-z_]\w*)\s*:?\??=\s*(?P<value>\"[^\"\n$`]*\"|'[^'\n]*'|[^\s\"'$`;&|()#]+)\s*(?:#.*)?$",
    re.M,
)
_VARIABLE = re.compile(r"\$\{\{\s*(?:env|vars|inputs|secrets)\.(\w+)\s*\}\}|\$\{(\w+)\}|\$\((\w+)\)|\$(\w+)")
_OPTIONS_WITH_VALUE = frozenset(
    {
        *("--acl", "--cache-control", "--content-type", "--endpoint-url", "--exclude", "--include", "--metadata"),
        *("--output", "--profile", "--region", "--sse", "--sse-kms-key-id", "--storage-class"),
    }
)
_VERSION_ARGUMENTS = {
    "requirements_s3_object_version": re.compile(
        rb"--requirements-s3-object-version|RequirementsS3ObjectVersion['\"]?\s*[=:]"
    ),
    "plugins_s3_object_version": re.compile(rb"--plugins-s3-object-version|PluginsS3ObjectVersion['\"]?\s*[=:]"),
    "startup_script_s3_object_version": re.compile(
        rb"--startup-script-s3-object-version|StartupScriptS3ObjectVersion['\"]?\s*[=:]"
    ),
}
_UPDATES = re.compile(rb"mwaa\s+update-environment|\bupdate_environment\s*\(")


def read(files: Sequence[SourceFile], project: Project) -> Declarations:
    """The uploads of these files and the object versions that a step passes to UpdateEnvironment.

    Files that cannot be decoded are passed over: most scripts have nothing to do with MWAA.
    """
    uploads: list[Upload] = []
    updated: set[str] = set()
    for file in files:
        try:
            data = file.data
            if b"aws" in data and b"s3" in data:
                uploads += _uploads(file, project)
        except UnreadableFileError:
            continue
        if _UPDATES.search(data):
            updated |= {argument for argument, pattern in _VERSION_ARGUMENTS.items() if pattern.search(data)}
    return Declarations(uploads=tuple(uploads), updated_versions=frozenset(updated))


def _uploads(file: SourceFile, project: Project) -> Iterator[Upload]:
    text = re.sub(r"\\\r?\n", lambda match: " " * len(match[0]), file.text)
    variables = {match["name"]: match["value"].strip("\"'") for match in _ASSIGNMENT.finditer(text)}
    for match in _COPY.finditer(text):
        line_start = text.rfind("\n", 0, match.start()) + 1
        if _NOT_RUN.search(text[line_start : match.start()]):
            continue
        places = _positional(match["arguments"])
        if len(places) < 2 or (
            "s3://" not in (target := _substituted(places[1], variables)) and not target.startswith("$")
        ):
            continue
        source = _in_repository(_substituted(places[0], variables), file, project)
        if source is not None:
            location = Location(
                file.path, file.span(match.start(), match.end()), symbol=f"aws s3 {match['verb']} {source}"
            )
            yield _upload(source, target, project, location)


def _upload(source: str, target: str, project: Project, location: Location) -> Upload:
    key = target.partition("s3://")[2].partition("/")[2]
    recursive = project.get(source) is None
    if not recursive and (not key or key.endswith("/")):
        key += PurePosixPath(source).name
    return Upload(source, key.rstrip("/"), location, recursive=recursive)


def _positional(arguments: str) -> list[str]:
    try:
        words = shlex.split(arguments, comments=True)
    except ValueError:
        return []
    found, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _OPTIONS_WITH_VALUE
        else:
            found.append(word)
    return found


def _substituted(text: str, variables: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = next(group for group in match.groups() if group)
        return variables.get(name, match[0])

    return _VARIABLE.sub(value, text)


def _in_repository(source: str, file: SourceFile, project: Project) -> str | None:
    """The path in the repository of a command's source: from the root or from the script's own folder."""
    # "$ROOT/dags": a variable in front is some base folder; the rest is what the repository can tell.
    relative = re.sub(r"^(\$\{\{[^}]*\}\}|\$\{\w+\}|\$\(\w+\)|\$\w+)/", "", source)
    if not relative or "$" in relative or relative.startswith(("/", "s3:", "-", "~")):
        return None
    for base in ("", str(PurePosixPath(file.path).parent)):
        path = normpath(f"{base}/{relative}" if base not in ("", ".") else relative)
        if project.get(path) is not None or (path != "." and project.has_folder(path)):
            return path
    return None
