"""The execution role: what it may do, what it may not, and who may be it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether an environment was declared."""
    return deployment.environment is not None
