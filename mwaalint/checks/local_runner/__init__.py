"""The local runner: where a laptop differs from MWAA."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:
    """Whether there is an environment to differ from."""
    return deployment.environment is not None
