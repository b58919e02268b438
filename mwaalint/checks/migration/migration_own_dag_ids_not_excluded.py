"""MW710 migration-own-dag-ids-not-excluded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks.migration._metadata import MetadataScript
from mwaalint.model.metadata_scripts import method, selects
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.metadata_sql import Select
    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding
    from mwaalint.model.metadata_scripts import Statement

HISTORY = ("dag_run", "task_instance", "task_fail")
# Fewer columns are a question, not an export.
_EXPORTED = 6
_BOTH = 2
_EMPTIES = regex(r"(?:delete\s+from|truncate)\b", re.I)
_LIMITS = regex(r"\bstate\b|\bunion\b", re.I)
_JOINS = regex(r"\b\w+\.\w+\s*=\s*\w+\.\w+(?:\s+and\b)?")
_BRACES = regex(r"\{\w*\}")


@check("MW710", on=MetadataScript())
def migration_own_dag_ids_not_excluded(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """An export of the history that holds the runs of the export or of the import itself."""
    kept = [(each, select) for each, select in selects(ctx.code_of_dags.statements) if _keeps(each, select)]
    if any(method(call) in ("format", "format_map", "replace") for call in document.calls):
        kept = [(each, select) for each, select in kept if not _placeholders(select)]
    if any(each.table in HISTORY[:2] for each, _ in kept) and not _EMPTIES.search(document.file.text):
        first, select = kept[0]
        excluded = sorted(select.excluded)
        yield ctx.report(
            first.location,
            "braces" if _placeholders(select) else "one" if excluded else "none",
            related=[each.location for each, _ in kept[1:]],
            subject="dag_id",
            tables=", ".join(dict.fromkeys(each.table for each, _ in kept)),
            excluded="".join(excluded),
        )


def _placeholders(select: Select) -> list[str]:
    """What stands in braces where the id of a DAG should, and is nobody's."""
    return sorted(filter(_BRACES.fullmatch, select.excluded))


def _keeps(statement: Statement, select: Select) -> bool:
    """Whether it exports the history of all DAGs, or of all but one."""
    exported = statement.table in HISTORY and len(select.columns) >= _EXPORTED and statement.whole
    return exported and len(select.excluded) < _BOTH and not _LIMITS.search(select.rest) and _only_ids(select)


def _only_ids(select: Select) -> bool:
    """Whether nothing but the id of a DAG limits the rows; that columns of two tables are the same limits none."""
    rest = re.sub(r"^where$", "", _JOINS.sub("", select.rest.lower()).strip())
    return not rest or ("dag_id" in rest and bool(select.excluded)) or not rest.startswith("where")
