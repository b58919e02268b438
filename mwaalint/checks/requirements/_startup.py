"""What the startup script does, as far as its text tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.discover import Role
from mwaalint.model.values import is_set
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from mwaalint.checks._api import Context


def startup_text(ctx: Context) -> str | None:
    """The startup script in lower case, "" when there is none, None when there is one that cannot be read here.

    Without a declared environment any shell script of the project may be it, so it is the text of all of them, those
    of a container image aside.
    """
    environment, script = ctx.deployment.environment, ctx.deployment.startup_script
    if environment is not None and script is None:
        return None if is_set(environment.startup_script_s3_path) else ""
    files = [script] if script else [file for file in ctx.project.with_role(Role.SHELL) if not _of_image(file.path)]
    try:
        return "\n".join(file.text for file in files).lower()
    except UnreadableFileError:
        return None


def _of_image(path: str) -> bool:
    return "docker" in path.lower()
