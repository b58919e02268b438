"""What the local runner's image installs beside what AWS's own scripts put into it."""

from __future__ import annotations

from posixpath import basename, dirname, join, normpath
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.checks.startup._pip import named_requirements
from mwaalint.documents.requirements import read_requirements
from mwaalint.findings import Location
from mwaalint.model.deploy_steps import read_steps
from mwaalint.patterns import regex
from mwaalint.source import SourceFile, UnreadableFileError

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence

    from mwaalint.checks._api import Context
    from mwaalint.model.deploy_commands import DeployStep
    from mwaalint.model.local_runner import LocalRunner

_PIP = regex(r"pip(?:3(?:\.\d+)?)?")
_SYSTEM = regex(r"yum|dnf|microdnf|apt|apt-get")
_STARTER = regex(r"python(?:3(?:\.\d+)?)?|runuser|gosu|env")
_WORDS = (b"pip", b"yum", b"dnf", b"apt")
_PACKAGE = regex(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
# "sudo -u airflow pip3 install": how many words may stand in front of the program.
_LONGEST_PREFIX = 4


class Installed(NamedTuple):
    """The packages that one command installs, or one file lists."""

    names: tuple[str, ...]
    location: Location

    def without(self, left_out: Callable[[str], bool]) -> Installed:
        """The same without some of the packages."""
        return self._replace(names=tuple(name for name in self.names if not left_out(name)))


def python_packages(local: LocalRunner, ctx: Context) -> Iterator[Installed]:
    """What pip installs into the image by name, and by files that the image copies."""
    for step, words in _installs(local, _PIP):
        names = [name for text in named_requirements(words) if (name := _name(text))]
        yield Installed(tuple(names), step.location)
    for file in _copied_requirements(local, ctx):
        try:
            lines = read_requirements(file).requirements
        except UnreadableFileError:
            continue
        listed = tuple(line.name for line in lines if line.name)
        # A list with Airflow itself in it is a freeze of the image.
        if "apache-airflow" not in listed:
            yield Installed(listed, Location(file.path, lines[0].span) if lines else Location(file.path))


def system_packages(local: LocalRunner) -> Iterator[Installed]:
    """What a package manager installs into the image."""
    for step, words in _installs(local, _SYSTEM):
        names = [word for word in words if _PACKAGE.fullmatch(word) and not word.endswith(".rpm")]
        yield Installed(tuple(names), step.location)


def _installs(local: LocalRunner, program: re.Pattern[str]) -> Iterator[tuple[DeployStep, tuple[str, ...]]]:
    """The steps that start a program to install something, with the words behind "install"."""
    files: Sequence[SourceFile] = [*(image.file for image in local.dockerfiles), *local.scripts]
    for step in read_steps([file for file in files if not _starts(file)], _WORDS).steps:
        first = _program(step.words, program)
        if first is not None and "install" in step.words[first:]:
            yield step, step.words[step.words.index("install", first) + 1 :]


def _starts(file: SourceFile) -> bool:
    """Whether a script runs when the container starts: then it is the user's own files that it installs."""
    return file.path.endswith(("entrypoint.sh", "startup.sh"))


def _program(words: tuple[str, ...], program: re.Pattern[str]) -> int | None:
    """Which word is the program: the first one, or one behind the options of sudo or of Python."""
    started = words[0].startswith("-") or _STARTER.fullmatch(basename(words[0]))
    candidates = words[:_LONGEST_PREFIX] if started else words[:1]
    return next((place for place, word in enumerate(candidates) if program.fullmatch(basename(word))), None)


def _name(text: str) -> str | None:
    if "$" in text:
        return None
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        return None


def _copied_requirements(local: LocalRunner, ctx: Context) -> Iterator[SourceFile]:
    """The requirements files that the images copy, but for the one that is deployed."""
    deployed = ctx.deployment.requirements.file.path if ctx.deployment.requirements else None
    for image in local.dockerfiles:
        for one in image.all("COPY"):
            for word in one.text.split()[:-1]:
                path = normpath(join(dirname(image.file.path), word))
                file = ctx.project.get(path) if word.endswith("requirements.txt") else None
                if file is not None and path != deployed:
                    yield file
