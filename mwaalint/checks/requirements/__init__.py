"""What MWAA installs: the requirements file and its constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether the deployment installs requirements, or is an environment that may lack some."""
    return deployment.requirements is not None or deployment.environment is not None
