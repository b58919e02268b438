"""dbt on MWAA: the projects in the DAGs folder, and the code that runs dbt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether there is code: any DAG may run dbt, wherever the project lies."""
    return deployment.code
