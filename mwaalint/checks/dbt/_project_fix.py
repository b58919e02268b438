"""Sends dbt's writes to /tmp by settings in dbt_project.yml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.documents.dbt import value_span
from mwaalint.documents.yaml_nodes import Scalar
from mwaalint.findings import Edit, Fix, Safety
from mwaalint.patterns import regex
from mwaalint.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mwaalint.documents.dbt import DbtProjectFile

_PLAIN = regex(r"[\w-][\w.-]*", re.ASCII)


def writable_folders(folders: Mapping[str, str], project_folder: str, *, shared: bool) -> dict[str, str]:
    """The folder for each setting; one below the project's own name when several projects share the worker's /tmp."""
    name = project_folder.rpartition("/")[2]
    if not shared or not _PLAIN.fullmatch(name):
        return dict(folders)
    return {setting: "{0}/{2}/{1}".format(*path.rsplit("/", 1), name) for setting, path in folders.items()}


def send_writes(document: DbtProjectFile, folders: Mapping[str, str], safety: Safety) -> Fix | None:
    """Sets these settings: replaces the values that are there, adds the others. None for a file laid out so that this
    is not plain to do.
    """
    replaced = [setting for setting in folders if document.entry(setting)]
    added = [setting for setting in folders if not document.entry(setting)]
    edits = [_replacement(document, setting, folders[setting]) for setting in replaced]
    if added:
        edits.append(_addition(document, [f"{setting}: {folders[setting]}" for setting in added]))
    present = [edit for edit in edits if edit]
    if not present or len(present) < len(edits):
        return None
    return Fix(f"Set {' and '.join(folders)} below /tmp", safety, tuple(present))


def _replacement(document: DbtProjectFile, setting: str, path: str) -> Edit | None:
    entry, file = document.entry(setting), document.file
    if entry is None or not isinstance(entry.value, Scalar) or entry.value.tag:
        return None
    span = value_span(file, entry)
    written = file.slice(span)
    if written.startswith(("|", ">", "&", "*")) or span.start < entry.key_span.end:
        return None
    text = path if written else f" {path}"
    return Edit(file.path, span, text.encode(file.encoding), file.data[span.start : span.end])


def _addition(document: DbtProjectFile, lines: Sequence[str]) -> Edit | None:
    file, place = document.file, document.insertion()
    if place is None:
        return None
    offset, indent = place
    text = "".join(f"{file.newline}{indent}{line}" for line in lines)
    return Edit(file.path, Span(offset, offset), text.encode(file.encoding), b"")
