"""Rules on plugins: what MWAA unpacks to /usr/local/airflow/plugins, and how the archive is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether there is code, or something that packs and deploys plugins."""
    return deployment.code or deployment.steps is not None
