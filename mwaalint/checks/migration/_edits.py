"""Edits of single columns within SQL that stands in Python's strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.findings import Edit
from mwaalint.source import Span

if TYPE_CHECKING:
    from mwaalint.findings import Location
    from mwaalint.source import SourceFile


def column_replaced(file: SourceFile, where: Location, pattern: str, column: str) -> Edit | None:
    """Writes a column in the place of the one text of a statement that a pattern fits; None where there are several,
    or none because it is put together of parts.
    """
    data = file.data[where.span.start : where.span.end]
    found = list(re.finditer(pattern.encode(), data, re.I))
    if len(found) != 1:
        return None
    span = Span(where.span.start + found[0].start(), where.span.start + found[0].end())
    return Edit(file.path, span, column.encode(), found[0][0])
