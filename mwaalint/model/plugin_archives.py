"""Archives of plugins that the repository makes: what lies at their top, and which folder is packed."""

from __future__ import annotations

import ast
import re
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.discover import Role
from mwaalint.documents.python_document import read_python
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mwaalint.discover import Project
    from mwaalint.findings import Location
    from mwaalint.model.deploy_commands import DeployStep, DeploySteps
    from mwaalint.model.environment import Upload

_NAME = regex(r"(?:^|[^a-z])plugins?[^/]*\.zip$", re.I)
# What MWAA unpacks to.
FOLDER = "plugins"


class PluginArchive(NamedTuple):
    """One command, call or Terraform resource that packs a folder called ``plugins`` with its name.

    ``folder`` is the packed folder, relative to the project's root; ``step`` is the command, None for others.
    """

    location: Location
    folder: str
    step: DeployStep | None = None


def nested_archives(
    steps: DeploySteps | None, project: Project, uploads: Iterable[Upload] = ()
) -> Iterator[PluginArchive]:
    """The archives in which all plugins lie in one more folder ``plugins``."""
    for step in steps.steps if steps else ():
        if step.program == "zip" and (packed := _packed(step)) is not None:
            folder = next((one for one in _places(packed, step) if _has_code(one, project)), None)
            if folder is not None:
                yield PluginArchive(step.location, folder, step)
    yield from _made_in_python(project)
    yield from _packed_by_terraform(project, uploads)


def _packed(step: DeployStep) -> str | None:
    """The folder ``plugins`` that a zip command packs with its name into an archive of plugins."""
    options = [word for word in step.words[1:] if word.startswith("-")]
    letters = "".join(word[1:] for word in options if not word.startswith("--"))
    if "j" in letters or not ("r" in letters or "--recurse-paths" in options):
        return None
    archive, *inputs = operands(step) or [""]
    if not _NAME.search(archive):
        return None
    for each in inputs:
        folder = re.sub(r"(?:/\*\*?)+$", "", each).rstrip("/")
        if basename(folder) == FOLDER and not folder.startswith(("/", "..")):
            return folder
    return None


def operands(step: DeployStep) -> list[str]:
    """The archive and the inputs of a zip command, without options and the patterns behind ``-x`` and ``-i``."""
    found = []
    listing = False
    for word in step.words[1:]:
        if word.startswith("-"):
            listing = word in ("-x", "-i", "--exclude", "--include")
        elif not listing:
            found.append(word)
    return found


def _places(packed: str, step: DeployStep) -> Iterator[str]:
    """Where a folder may be that is named in a step: there, at the root, beside the script."""
    if step.folder is not None and not step.folder.startswith("?/"):
        yield normpath(f"{step.folder}/{packed}" if step.folder else packed)
    elif step.folder is None:
        stem = re.sub(r"^\$\{[^}]*\}/", "", packed)
        for base in ("", dirname(step.file.path), dirname(dirname(step.file.path))):
            yield normpath(f"{base}/{stem}" if base else stem)
    if not step.folder and (beside := dirname(step.file.path)) and not beside.startswith("."):
        yield normpath(f"{beside}/{packed}")


def _has_code(folder: str, project: Project) -> bool:
    return any(file.path.endswith(".py") for file in project.below(folder))


def _packed_by_terraform(project: Project, uploads: Iterable[Upload]) -> Iterator[PluginArchive]:
    """Archives of a folder that has the plugins in a folder ``plugins``, and no code beside it."""
    for upload in uploads:
        if upload.archived and _NAME.search(upload.key):
            inside = f"{upload.source}/{FOLDER}" if upload.source else FOLDER
            beside = (file.path.removeprefix(f"{upload.source}/") for file in project.below(upload.source))
            if _has_code(inside, project) and not any("/" not in path and path.endswith(".py") for path in beside):
                yield PluginArchive(upload.location, inside)


def _made_in_python(project: Project) -> Iterator[PluginArchive]:
    """``shutil.make_archive("plugins", "zip", root_dir=".", base_dir="plugins")`` and its like."""
    for file in project.with_role(Role.PYTHON):
        try:
            if not file.holds(b"make_archive", b"plugins"):
                continue
        except UnreadableFileError:
            continue
        document = read_python(file)
        for call, names in document.named_calls if document else ():
            if document is None or "shutil.make_archive" not in names:
                continue
            folder = _archived(call)
            if folder is not None and _has_code(folder, project):
                yield PluginArchive(document.location(call), folder)


def _archived(call: ast.Call) -> str | None:
    """The folder ``plugins`` that a call packs with its name."""
    stated: dict[str, ast.expr] = dict(zip(("base_name", "format", "root_dir", "base_dir"), call.args, strict=False))
    stated |= {each.arg: each.value for each in call.keywords if each.arg}
    texts = {name: each.value if isinstance(each, ast.Constant) else None for name, each in stated.items()}
    base, root = texts.get("base_dir"), texts.get("root_dir", ".")
    if not isinstance(base, str) or not isinstance(root, str) or texts.get("format") != "zip":
        return None
    return normpath(f"{root}/{base}") if basename(normpath(base)) == FOLDER else None
