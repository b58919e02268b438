"""The startup script, which MWAA sources in every container before it starts Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether the deployment's startup script is known."""
    return deployment.startup_script is not None
