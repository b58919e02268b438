"""What the rules on an environment's resources share: how they are called, and what the project does beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.patterns import regex
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    import re

    from mwaalint.discover import Project

_MODULES = regex(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)+")
_STEPS = (".py", ".sh", ".tf", ".yml", ".yaml", ".ts", ".js", "Makefile")


def short(address: str) -> str:
    """An address without Terraform's modules, which differ where several environments are made of one."""
    return _MODULES.sub("", address, count=1) if address.startswith("module.") else address


def does(project: Project, step: re.Pattern[bytes]) -> bool:
    """Whether a script, a pipeline or a program of the project has something in its text."""
    for path, file in project.files.items():
        try:
            if path.endswith(_STEPS) and step.search(file.data):
                return True
        except UnreadableFileError:
            continue
    return False
