"""DAG code: what Airflow does with it on MWAA."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:  # noqa: ARG001 - the files tell, not the deployment
    """Every deployment may have DAGs; what there is, the files tell."""
    return True
