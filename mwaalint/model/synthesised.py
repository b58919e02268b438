"""CDK apps with their templates beside them, and Terraform with its plans: one environment is not to be declared twice.

The source goes first, for a template in ``cdk.out`` is as old as the last ``cdk synth``, and a plan as the last
``terraform plan``. It yields where it does not tell the Airflow version or the class and what was made of it does.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mwaalint.model.values import Unresolved
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mwaalint.model.environment import Environment

OUTPUT = "cdk.out"
PLAN = "terraform-plan"

_COUNTED = regex(r"\[\d+\]")
_CONSTRUCT_ID = regex(r"CfnEnvironment\.(.+)$")


def declared_once(environments: Sequence[Environment]) -> tuple[Environment, ...]:
    """The environments without those that a source or its output declares a second time."""
    apps = {folder for each in environments if (folder := _app_of_output(each)) is not None}
    planned: dict[str, list[Environment]] = {}
    for each in environments:
        if each.dialect == PLAN:
            planned.setdefault(_address(each), []).append(each)
    if not apps and not planned:
        return tuple(environments)
    dropped: set[int] = set()
    for source in environments:
        folder = _app_of_source(source, apps)
        twins = [] if folder is None else [each for each in environments if _is_twin(each, source, folder)]
        if source.by_terraform and source.dialect != PLAN:
            twins = planned.get(_address(source), [])
        if _tells(source) or not any(_tells(twin) for twin in twins):
            dropped |= {id(twin) for twin in twins}
        else:
            dropped.add(id(source))
    return tuple(each for each in environments if id(each) not in dropped)


def _app_of_output(environment: Environment) -> str | None:
    """The folder whose ``cdk.out`` holds the template of an environment; None for any other environment."""
    folders = PurePosixPath(environment.location.path).parts[:-1]
    if environment.dialect != "cloudformation" or OUTPUT not in folders:
        return None
    return "/".join(folders[: folders.index(OUTPUT)])


def _app_of_source(environment: Environment, apps: Iterable[str]) -> str | None:
    """The nearest of the apps' folders around an environment that is CDK code; None when it is something else."""
    if not environment.dialect.startswith("cdk-"):
        return None
    path = environment.location.path
    around = [folder for folder in apps if not folder or path.startswith(f"{folder}/")]
    return max(around, key=len, default=None)


def _is_twin(environment: Environment, source: Environment, folder: str) -> bool:
    """Whether a template of the app declares what the source does: its logical id holds the construct's id."""
    written = _CONSTRUCT_ID.search(source.symbol)
    return _app_of_output(environment) == folder and (
        written is None or _letters(written[1]) in _letters(environment.symbol)
    )


def _address(environment: Environment) -> str:
    """The address without the keys of ``count``, which a reader of the source may not know."""
    return _COUNTED.sub("", environment.symbol)


def _tells(environment: Environment) -> bool:
    values = (environment.airflow_version, environment.environment_class)
    return not any(isinstance(value, Unresolved) for value in values)


def _letters(name: str) -> str:
    return "".join(character for character in name if character.isalnum())
