"""The local runner: where a laptop differs from MWAA."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether the project has a local runner at all."""
    return deployment.local is not None
