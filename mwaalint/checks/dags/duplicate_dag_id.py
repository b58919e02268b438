"""MW425 duplicate-dag-id."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from mwaalint.checks._api import Context, check
from mwaalint.findings import Confidence
from mwaalint.model.deployed_code import DeployedCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding, Location


def _surely_together(one: str, other: str, code: DeployedCode) -> bool:
    """Whether both files go to one environment: in a folder that is guessed, those side by side may be alternatives."""
    if code.confidence is Confidence.HIGH:
        return True
    folder, second = dirname(one), dirname(other)
    return f"{second}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{second}/")


@check("MW425", on=DeployedCode)
def duplicate_dag_id(code: DeployedCode, ctx: Context) -> Iterator[Finding]:
    """DAGs of several files that have the same id."""
    places: dict[str, dict[str, Location]] = {}
    for path, facts in code.files.items():
        for dag in facts.dags:
            # Several ids are those of a loop or of branches: which of them is made here is another question.
            if len(dag.ids) == 1 and not dag.repeated and not dag.conditional:
                places.setdefault(dag.ids[0], {}).setdefault(path, dag.location)
    for dag_id, found in sorted(places.items()):
        locations = [location for _, location in sorted(found.items())]
        for index, other in enumerate(locations):
            first = next((one for one in locations[:index] if _surely_together(one.path, other.path, code)), None)
            if first is not None:
                yield ctx.report(
                    other,
                    related=[first.noted("the first file with this id")],
                    subject=dag_id,
                    dag_id=dag_id,
                    first=first.path,
                )
