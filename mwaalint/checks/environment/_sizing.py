"""What the rules on size share: the class of an environment, and the classes that would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks.environment._values import arms
from mwaalint.model.values import is_set

if TYPE_CHECKING:
    from mwaalint.catalog import Catalog, EnvironmentClass
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import Known

# MWAA's API documents no default class; Terraform's provider documents this one.
TERRAFORM_DEFAULT = "mw1.small"
SMALL = "mw1.small"


def classes(environment: Environment, catalog: Catalog) -> list[tuple[EnvironmentClass, Known]]:
    """The classes an environment may have, with where each is written; nothing when one is not known to MWAA."""
    found = [(catalog.environment_class(name), value) for name, value in arms(environment.environment_class, str)]
    sure = [(known, value) for known, value in found if known is not None]
    return sure if len(sure) == len(found) else []


def sole_class(environment: Environment, catalog: Catalog) -> EnvironmentClass | None:
    """The class of an environment when only one is possible, also when it is Terraform's default."""
    if not is_set(environment.environment_class) and environment.dialect == "terraform":
        return catalog.environment_class(TERRAFORM_DEFAULT)
    found = classes(environment, catalog)
    return found[0][0] if len(found) == 1 else None


def oversized(size: EnvironmentClass, dags: int, catalog: Catalog) -> bool:
    """Whether even the class two sizes below takes the DAGs. Only medium and larger have one."""
    by_rank = {other.rank: other for other in catalog.classes.values()}
    two_below = by_rank.get(size.rank - 2)
    return two_below is not None and 0 < dags <= two_below.dag_capacity


def comfortable(dags: int, catalog: Catalog) -> EnvironmentClass:
    """The smallest autoscaling class that the DAGs fill to no more than half.

    AWS warns that beyond half of its DAG capacity a scheduler may fall behind.
    """
    scaling = [size for size in catalog.classes.values() if size.autoscaling]
    return next((size for size in scaling if 2 * dags <= size.dag_capacity), scaling[-1])
