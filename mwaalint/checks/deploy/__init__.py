"""Rules on deploying: how files get to the bucket, and what MWAA is told afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether anything in the repository deploys, or tries what is deployed."""
    return deployment.steps is not None or deployment.local is not None
