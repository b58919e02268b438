"""What the rules on size share: the class of an environment, and the classes that would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks.environment._values import arms
from mwaalint.model.environment import TERRAFORM_DEFAULT_CLASS
from mwaalint.model.values import Known, is_set, known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mwaalint.catalog import Catalog, EnvironmentClass
    from mwaalint.model.environment import Environment
    from mwaalint.model.values import Value

SMALL = "mw1.small"
_AUTOSCALE = "celery.worker_autoscale"


def classes(environment: Environment, catalog: Catalog) -> list[tuple[EnvironmentClass, Known]]:
    """The classes an environment may have, with where each is written; nothing when one is not known to MWAA."""
    found = [(catalog.environment_class(name), value) for name, value in arms(environment.environment_class, str)]
    sure = [(known, value) for known, value in found if known is not None]
    return sure if len(sure) == len(found) else []


def sole_class(environment: Environment, catalog: Catalog) -> EnvironmentClass | None:
    """The class of an environment when only one is possible, also when it is Terraform's default."""
    if not is_set(environment.environment_class) and environment.by_terraform:
        return catalog.environment_class(TERRAFORM_DEFAULT_CLASS)
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


def maximums(environment: Environment, catalog: Catalog) -> list[int]:
    """The maximums an environment may have: MWAA's default when none is set, nothing when not known."""
    if not is_set(environment.max_workers):
        default = catalog.fact("limits.workers.default_max")
        return [default] if isinstance(default, int) else []
    return [number for number, _ in arms(environment.max_workers, int)]


def configuration(environment: Environment) -> Mapping[str, Value] | None:
    """The Airflow configuration options by name; None when the repository does not tell them all."""
    options = environment.airflow_configuration_options
    if not is_set(options):
        return {}
    return options.value if isinstance(options, Known) and isinstance(options.value, dict) else None


def tasks_per_worker(environment: Environment, size: EnvironmentClass | None) -> int:
    """What one worker takes at once, 0 when not known."""
    entries = configuration(environment) or {}
    if _AUTOSCALE not in entries:
        return size.tasks_per_worker if size else 0
    first = (known(entries[_AUTOSCALE], str) or "").partition(",")[0].strip()
    return int(first) if first.isascii() and first.isdigit() and len(first) <= 4 else 0


def minimum(environment: Environment, size: EnvironmentClass | None) -> int:
    """The least workers that run: every environment has one."""
    numbers = [least for least, _ in arms(environment.min_workers, int)]
    return min(numbers) if numbers and size and size.autoscaling else 1
