"""MW713 migration-trigger-id-not-copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks.migration._metadata import MetadataScript
from mwaalint.model.metadata_scripts import copies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding


@check("MW713", on=MetadataScript())
def migration_trigger_id_not_copied(_: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """Triggers that are given new ids, and task instances that keep the old ones."""
    found = ctx.code_of_dags.statements
    if not any("trigger_id" in copy.names for _, copy in copies(found, "task_instance")):
        return
    for statement, copy in copies(found, "trigger"):
        if copy.names and "id" not in copy.names and statement.whole:
            yield ctx.report(statement.location, subject="trigger.id", columns=", ".join(copy.names))
