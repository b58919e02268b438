"""MW708 migration-database-scripts-on-airflow3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks._api import FileContext, check
from mwaalint.checks._selectors import DagFile
from mwaalint.checks.migration._metadata import copies_metadata
from mwaalint.documents.python import source_of
from mwaalint.model.metadata_scripts import openings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.python_document import PythonDocument
    from mwaalint.findings import Finding


@check("MW708", on=DagFile("copy_", "dr_factory"), airflow=">=3.0")
def migration_database_scripts_on_airflow3(document: PythonDocument, ctx: FileContext) -> Iterator[Finding]:
    """What copies tables of the metadata database, or the package that does."""
    version = ctx.target.airflow
    for one in document.imports:
        if one.dotted.startswith("mwaa_dr.") and ".dr_factory" in one.dotted and not one.guarded:
            yield ctx.report(ctx.at(one.alias), "package", subject=one.module, how=one.module, airflow=version)
            return
    if copies_metadata(document):
        opening = openings(document)[0]
        how = source_of(opening.func)
        yield ctx.report(ctx.at(opening.func), subject=how, how=f"{how}()", airflow=version)
