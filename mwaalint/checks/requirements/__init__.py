"""What MWAA installs: the requirements file and its constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether the deployment has a requirements file."""
    return deployment.requirements is not None
