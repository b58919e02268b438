"""Migration: DAGs that carry the metadata of one environment to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mwaalint.model.deployment import Deployment


def applies(deployment: Deployment) -> bool:  # noqa: ARG001 - the files tell, not the deployment
    """Every deployment may have such DAGs; whether it has, the files tell."""
    return True
