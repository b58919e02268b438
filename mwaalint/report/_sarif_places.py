"""Places and fixes as SARIF has them."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from mwaalint.report._places import decoded, exact_range_of, in_repository, place_of

if TYPE_CHECKING:
    from mwaalint.engine.result import RunResult
    from mwaalint.findings import Edit, Fix, Location
    from mwaalint.report._places import Range

BASE = "SRCROOT"


def artifact(prefix: str, path: str) -> dict[str, object]:
    """The artifactLocation of a project's path, relative to the repository's top."""
    return {"uri": _uri(in_repository(prefix, path)), "uriBaseId": BASE}


def _uri(path: str) -> str:
    """A relative reference, percent-encoded byte by byte; a colon too, which else could end a scheme."""
    try:
        raw = os.fsencode(path)
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "replace")
    return quote(raw, safe="/")


def location_object(result: RunResult, location: Location, prefix: str) -> dict[str, object]:
    """A location; a whole file is its first line, because GitHub shows no alert without a region."""
    place = place_of(result, location)
    region = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1} if place is None else region_object(place)
    found: dict[str, object] = {
        "physicalLocation": {"artifactLocation": artifact(prefix, location.path), "region": region},
    }
    if location.symbol:
        found["logicalLocations"] = [{"fullyQualifiedName": location.symbol}]
    return found


def region_object(place: Range) -> dict[str, int]:
    """A region in lines and columns; the end column is the one after the last character."""
    start, end = place
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def fix_object(result: RunResult, fix: Fix, prefix: str) -> dict[str, object]:
    """A fix: the edits by file."""
    by_path: dict[str, list[dict[str, object]]] = {}
    for edit in fix.edits:
        by_path.setdefault(edit.path, []).append(_replacement(result, edit))
    changes = [{"artifactLocation": artifact(prefix, path), "replacements": edits} for path, edits in by_path.items()]
    return {"description": {"text": fix.title}, "artifactChanges": changes, "properties": {"safety": fix.safety.value}}


def _replacement(result: RunResult, edit: Edit) -> dict[str, object]:
    """A replacement in lines and text; in bytes where the file is no text (SARIF wants both of the same kind)."""
    place, text = exact_range_of(result, edit.path, edit.span), decoded(result, edit.path, edit.text)
    if place is not None and text is not None:
        return {"deletedRegion": region_object(place), "insertedContent": {"text": text}}
    start, end = edit.span
    content = base64.b64encode(edit.text).decode("ascii")
    return {"deletedRegion": {"byteOffset": start, "byteLength": end - start}, "insertedContent": {"binary": content}}
