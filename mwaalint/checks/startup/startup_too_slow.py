"""MW609: work in a startup script that may take longer than MWAA waits for it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks._api import Context, check
from mwaalint.checks.startup._pip import installs
from mwaalint.model.startup import StartupScript
from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.findings import Finding
    from mwaalint.model.startup import Program, Step

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = regex(r"(\d{1,6})([smhd]?)")
_UPDATES = frozenset({"update", "upgrade", "distro-sync"})
_BUILDS = frozenset({"make", "gmake", "cmake", "ninja", "configure"})
_INSTALLERS = frozenset({"yum", "dnf"})


class _Slow(NamedTuple):
    """What takes long: the message's name, the step, and what the message says of it."""

    kind: str
    step: Step
    what: str = ""


@check("MW609", on=StartupScript)
def startup_too_slow(script: StartupScript, ctx: Context) -> Iterator[Finding]:
    """Reports each kind of slow work once, at its first place."""
    seen: set[str] = set()
    for slow in (*_slow_steps(script), *_slow_installs(script, ctx)):
        if slow.kind in seen:
            continue
        seen.add(slow.kind)
        yield ctx.report(
            script.location(slow.step.span, slow.kind),
            slow.kind,
            command=script.text(slow.step.span),
            what=slow.what,
            seconds=ctx.catalog.fact("startup.time_limit_seconds"),
            subject=slow.kind,
        )


def _slow_steps(script: StartupScript) -> Iterator[_Slow]:
    for step in script.steps:
        program = step.program
        if program is None or not step.certain or (step.apart and step.tested):
            continue
        if program.name in _INSTALLERS and _updates_everything(program):
            yield _Slow("update", step)
        elif program.name == "sleep" and (seconds := _seconds(program)) >= 60:
            yield _Slow("sleep", step, f"{seconds} s")
        elif program.name in _BUILDS:
            yield _Slow("build", step)


def _updates_everything(program: Program) -> bool:
    words = program.operands
    return len(words) == 1 and words[0] in _UPDATES


def _seconds(program: Program) -> int:
    matches = [_DURATION.fullmatch(word) for word in program.arguments]
    return sum(int(match[1]) * _SECONDS[match[2]] for match in matches if match)


def _slow_installs(script: StartupScript, ctx: Context) -> Iterator[_Slow]:
    from packaging.utils import canonicalize_name

    heavy, brings = ctx.catalog.table("heavy-packages")["rows"], ctx.catalog.table("heavy-packages")["brings"]
    total: dict[str, Step] = {}
    for install in installs(script):
        if not install.step.certain or install.has_option("--no-index"):
            continue
        for requirement in install.requirements:
            name = canonicalize_name(requirement.name)
            total.setdefault(name, install.step)
            pattern = next((pattern for pattern in heavy if fnmatchcase(brings.get(name, name), pattern)), None)
            if pattern:
                yield _Slow("heavy", install.step, f"{name} ({heavy[pattern]['megabytes']} MB)")
    most = ctx.options["packages"]
    if isinstance(most, int) and len(total) > most:
        yield _Slow("many", next(iter(total.values())), f"{len(total)} packages")
