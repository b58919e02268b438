"""Where a startup script's pip installs to, and what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.requirements import Requirement

    from mwaalint.model.startup import Program, StartupScript, Step

_PIP = regex(r"pip(3(\.\d+)?)?")
_PYTHON = regex(r"python(3(\.\d+)?)?")
# Folders whose programs are the image's own.
_IMAGE = regex(r"|/usr(/local)?/bin|(/usr/local/airflow|\$\{HOME\}|~)/\.local/bin")
_WITH_VALUE = frozenset(
    {
        *("-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links"),
        *("--trusted-host", "--timeout", "--retries", "--cache-dir", "--log", "--proxy", "--cert", "-t", "--target"),
        *("--prefix", "--root", "--python", "-p", "--platform", "--python-version", "--only-binary", "--no-binary"),
        *("--progress-bar", "--exists-action", "--src", "--upgrade-strategy", "--config-settings", "--default-timeout"),
        *("--use-deprecated", "--use-feature"),
    }
)
WHERE_TO = ("--target", "-t", "--prefix", "--root", "--python", "-p", "--dry-run")
_ACTIVATE = regex(r"(^|/)activate$")


class Install(NamedTuple):
    """One ``pip install``: the requirements it names, and whether it installs into the Python that Airflow runs in."""

    step: Step
    program: Program
    options: tuple[str, ...]
    named: tuple[str, ...]
    into_airflow: bool

    def has_option(self, *names: str) -> bool:
        """Whether an option is given, by itself or with its value behind it."""
        return any(word == name or word.startswith(f"{name}=") for word in self.options for name in names)

    @property
    def requirements(self) -> Iterator[Requirement]:
        """Those that pip would look up by name; paths, URLs and what is not known are left out."""
        from packaging.requirements import InvalidRequirement, Requirement

        for text in self.named:
            try:
                yield Requirement(text)
            except InvalidRequirement:
                continue


def installs(script: StartupScript) -> Iterator[Install]:
    """Each ``pip install`` of a script, in order."""
    elsewhere = False
    for step in script.steps:
        program = step.program
        if program is None:
            elsewhere = elsewhere or _own_programs(step)
        elif program.name in ("source", "."):
            elsewhere = elsewhere or any(_ACTIVATE.search(word) for word in program.arguments)
        elif program.name == "deactivate":
            elsewhere = False
        else:
            arguments, of_image = pip_arguments(program)
            if "install" in arguments:
                options, named = _sorted(arguments[arguments.index("install") + 1 :])
                there = of_image and not elsewhere and not any(o.split("=")[0] in WHERE_TO for o in options)
                yield Install(step, program, options, named, there)


def _own_programs(step: Step) -> bool:
    """Whether other programs than the image's may come first in PATH from here on."""
    path = step.values.get("PATH")
    return path is not None and not path.startswith(("$PATH", "${PATH}"))


def pip_arguments(program: Program) -> tuple[tuple[str, ...], bool]:
    """What pip is told, nothing where it is no pip, and whether it is the image's own."""
    folder = program.path.rpartition("/")[0]
    of_image = _IMAGE.fullmatch(folder) is not None
    if _PIP.fullmatch(program.name):
        return program.arguments, of_image
    if _PYTHON.fullmatch(program.name) and program.arguments[:2] == ("-m", "pip"):
        return program.arguments[2:], of_image
    if program.name == "uv" and program.arguments[:2] == ("pip", "install"):
        return program.arguments[1:], "--system" in program.arguments
    return (), False


def named_requirements(words: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements among the words after "pip install"."""
    return _sorted(words)[1]


def _sorted(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Options and requirements; the value of an option belongs to neither."""
    options, named = [], []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            options.append(word)
            skip = word in _WITH_VALUE
        else:
            named.append(word)
    return tuple(options), tuple(named)
