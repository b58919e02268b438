"""Scripts that belong together: an export and an import, side by side in a folder."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployed_code import DeployedCode, FileFacts
    from mwaalint.model.metadata_scripts import Statement


def folders(code: DeployedCode) -> list[list[FileFacts]]:
    """The files with statements on the metadata database, by folder."""
    found: dict[str, list[FileFacts]] = {}
    for path, facts in sorted(code.files.items()):
        if facts.metadata:
            found.setdefault(dirname(path), []).append(facts)
    return list(found.values())


def of_all(files: list[FileFacts]) -> list[Statement]:
    """The statements of several files."""
    return [statement for facts in files for statement in facts.metadata]
