"""DAG code: what Airflow does with it on MWAA."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether there is code: every deployment may have DAGs, and the files tell."""
    return deployment.code
