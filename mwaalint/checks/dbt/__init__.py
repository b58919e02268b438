"""dbt projects that MWAA runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether a dbt project lies in the deployment's DAGs folder."""
    return bool(deployment.dbt_projects)
