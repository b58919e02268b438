"""The environment itself: versions, class, workers, artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether an environment was declared."""
    return deployment.environment is not None
