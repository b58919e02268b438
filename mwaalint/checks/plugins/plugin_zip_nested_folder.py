"""MW651 plugin-zip-nested-folder."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.discover import Role
from mwaalint.findings import Edit, Fix, Safety
from mwaalint.model.deployment import Deployment
from mwaalint.model.plugin_archives import FOLDER, nested_archives, operands
from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.discover import Project
    from mwaalint.findings import Finding
    from mwaalint.model.deploy_commands import DeployStep
    from mwaalint.source import SourceFile

_WITH_PACKAGE = regex(rb"^[ \t]*(?:from|import)[ \t]+plugins\b", re.M)


@check("MW651", on=Deployment)
def plugin_zip_nested_folder(deployment: Deployment, ctx: Context) -> Iterator[Finding]:
    """An archive whose plugins lie in one more folder, where the code imports them without its name."""
    for archive in nested_archives(deployment.steps, ctx.project, deployment.uploads):
        code = list(_read(ctx.project))
        if any(_WITH_PACKAGE.search(data) for _, data in code):
            continue
        used = _first_import(_modules(archive.folder, ctx.project), code)
        fix = _inside(archive.step) if archive.step else None
        if used is None:
            yield ctx.report(archive.location, "unused", fix=fix, subject=archive.folder, folder=archive.folder)
        else:
            name, path = used
            yield ctx.report(
                archive.location, fix=fix, subject=archive.folder, folder=archive.folder, module=name, path=path
            )


def _read(project: Project) -> Iterator[tuple[str, bytes]]:
    for file in project.with_role(Role.PYTHON):
        try:
            yield file.path, file.data
        except UnreadableFileError:
            continue


def _modules(folder: str, project: Project) -> set[str]:
    """The modules and packages at the top of a folder."""
    inside = (file.path.removeprefix(f"{folder}/") for file in project.below(folder) if file.path.endswith(".py"))
    names = {path.partition("/")[0].removesuffix(".py") for path in inside}
    return {name for name in names if name.isidentifier() and name != "__init__"}


def _first_import(modules: set[str], code: list[tuple[str, bytes]]) -> tuple[str, str] | None:
    """A module that is imported by its own name, and the file that does."""
    if not modules:
        return None
    names = "|".join(sorted(map(re.escape, modules)))
    pattern = re.compile(rf"^[ \t]*(?:from|import)[ \t]+({names})\b".encode(), re.M)
    found = ((match[1].decode(), path) for path, data in code if (match := pattern.search(data)))
    return next(found, None)


def _inside(step: DeployStep) -> Fix | None:
    """Packs from inside the folder, where the command is ``zip OPTIONS ARCHIVE plugins`` and nothing else."""
    file: SourceFile = step.file
    words = [word.literal for word in step.command.words]
    options = [word for word in words[1:] if word is not None and word.startswith("-")]
    named = operands(step)
    if None in words or len(named) != 2 or len(words) != len(options) + 3 or not set("".join(options)) <= set("-rqv9"):
        return None
    archive, packed = named[0], named[1].rstrip("/")
    if packed != FOLDER or archive.startswith(("/", "~")) or dirname(archive) == FOLDER or not basename(archive):
        return None
    span = step.location.span
    text = f"(cd {FOLDER} && zip {' '.join(options)} ../{archive.removeprefix('./')} .)"
    edit = Edit(file.path, span, text.encode(), file.data[span.start : span.end])
    return Fix("Pack from inside the folder", Safety.SAFE, (edit,))
