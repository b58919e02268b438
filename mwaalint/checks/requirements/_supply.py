"""What the code of a deployment can import: what the image, the requirements and the startup script install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mwaalint.checks.requirements._startup import startup_text
from mwaalint.model.install import plan_install
from mwaalint.model.values import Absent
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.catalog import Pins
    from mwaalint.checks._api import Context
    from mwaalint.discover import Project
    from mwaalint.model.install import InstallPlan
    from mwaalint.model.packages import Packages, Supply

# Tools of every image of Python that lists of packages leave out.
_TOOLS = ("pip", "setuptools", "wheel")
_AIRFLOW = ("apache-airflow", "apache-airflow-core")
_BACKPORT = "apache-airflow-backport-providers-"
_INDEXES = frozenset({"--index-url", "--extra-index-url"})
# A startup script with one of these may bring modules that nobody can see here.
_OTHER_WAYS = regex(r"pythonpath|site-packages|dist-packages|\.pth\b|easy_install|\bconda\b|\bpoetry\b|pipenv")
_PIP = regex(r"\b(?:pip3?(?:\.\d+)?|uv\s+pip)\s+install\b(?P<rest>[^\n;&|]*)")
_NAME = regex(r"^[\"']?(?P<name>[a-z0-9][a-z0-9._-]*)(?P<extras>\[[a-z0-9,._ -]*\])?\s*(?:[=<>~!].*)?$")
_WITH_VALUE = frozenset(
    {"-i", "--index-url", "--extra-index-url", "-c", "--constraint", "-f", "--find-links", "--timeout"}
)
_NOT_NAMED = frozenset({"-r", "--requirement", "-e", "--editable", "-t", "--target"})


def install_plan(ctx: Context) -> InstallPlan | None:
    """What pip installs; None when the deployment has no requirements file that is known."""
    deployment = ctx.deployment
    if deployment.requirements is None:
        return None
    return plan_install(
        deployment.requirements,
        project=ctx.project,
        catalog=ctx.catalog,
        target=deployment.target,
        dags_folder=deployment.dags_folder,
        plugins_folder=deployment.plugins_folder,
    )


def supply(ctx: Context, plan: InstallPlan | None, packages: Packages) -> Supply | None:
    """All that is installed, or may be; None where that cannot be seen here."""
    pins = ctx.catalog.pins(ctx.deployment.target.airflow or "")
    required = _required(plan) if plan else [] if _installs_nothing(ctx) else None
    started = installed_by(startup_text(ctx))
    if pins is None or required is None or started is None:
        return None
    image = _image(pins, packages)
    own = packages.supply([*(one for one in required if one not in _AIRFLOW), *started], image)
    if own.open and plan and any(option.name in _INDEXES for option in plan.options):
        return None  # a package of one's own may bring anything
    return own._replace(packages=own.packages | image)


def _image(pins: Pins, packages: Packages) -> frozenset[str]:
    """What the image brings. Where no complete list of it exists, all that the known part may need as well."""
    known = {*_AIRFLOW, *_TOOLS, *pins.preinstalled, *pins.preinstalled_derived}
    return frozenset(known) if pins.preinstalled_complete else packages.supply(known).packages


def _required(plan: InstallPlan) -> list[str] | None:
    lines = (*plan.requirements, *plan.undecided)
    if not plan.complete or any(line.name is None for line in lines):
        return None
    names = [name for line in lines for name in _with_extras(line.name or "", line.extras)]
    return [*names, *(name.replace("-backport", "") for name in names if name.startswith(_BACKPORT))]


def _with_extras(name: str, extras: frozenset[str]) -> Iterator[str]:
    from packaging.utils import canonicalize_name

    yield name
    for extra in sorted(extras):
        yield f"{name}[{canonicalize_name(extra)}]"


def _installs_nothing(ctx: Context) -> bool:
    """Whether the environment surely has no requirements file."""
    environment = ctx.deployment.environment
    if environment is None or "requirements_s3_path" in environment.ignored_changes:
        return False
    written = "requirements_s3_object_version" in ctx.deployment.updated_versions
    return isinstance(environment.requirements_s3_path, Absent) and not written


def installed_by(script: str | None) -> list[str] | None:
    """What a startup script, given in lower case, installs with pip; None where that cannot be told."""
    if script is None or _OTHER_WAYS.search(script):
        return None
    found: list[str] = []
    for command in _PIP.finditer(script.replace("\\\n", " ")):
        names = list(_operands(command["rest"].split()))
        if None in names:
            return None
        found += [name for name in names if name]
    return found


def _operands(words: list[str]) -> Iterator[str | None]:
    """The packages among the words after "pip install"; None for what is not written out there."""
    from packaging.utils import canonicalize_name

    value = False
    for word in words:
        match = _NAME.match(word.strip("\"'"))
        if word.startswith("-") and word not in _NOT_NAMED:
            value = word in _WITH_VALUE
        elif value:
            value = False
        elif match is None or match["name"].endswith((".whl", ".txt", ".gz", ".zip")):
            yield None
        else:
            extras = map(str.strip, (match["extras"] or "").strip("[]").split(","))
            yield from _with_extras(canonicalize_name(match["name"]), frozenset(filter(None, extras)))


class OwnModules:
    """The modules of a project, wherever they lie: nobody can see here which folders end up on Python's path."""

    def __init__(self, project: Project) -> None:
        self._paths = "".join(f"/{path}\n" for path in project.files if path.endswith((".py", ".so")))
        self._asked: dict[str, bool] = {}

    def may_hold(self, module: str) -> bool:
        """Whether a file or a folder with code has the name of a dotted module."""
        if module not in self._asked:
            path = module.replace(".", "/")
            self._asked[module] = f"/{path}.py\n" in self._paths or f"/{path}/" in self._paths
        return self._asked[module]
