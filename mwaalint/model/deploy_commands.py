"""The commands that deploy, as rules ask about them; ``deploy_steps`` reads them."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple

from mwaalint.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.documents.shell_syntax import Command
    from mwaalint.documents.yaml_nodes import Mapping
    from mwaalint.findings import Location
    from mwaalint.source import SourceFile


class DeployStep(NamedTuple):
    """One command. ``words`` are its words, quotes removed, with ``${name}`` for what is not known.

    ``folder`` is where it runs, relative to the project's root, None when that cannot be told. ``script`` is the same
    for the commands of one script, in order. ``conditional`` tells that the script does not always get there.
    ``around`` are the mappings of the CI file that it stands in, the outermost first.
    """

    words: tuple[str, ...]
    location: Location
    file: SourceFile
    command: Command
    folder: str | None
    script: int
    conditional: bool
    around: tuple[Mapping, ...] = ()

    @property
    def program(self) -> str:
        """The program without its folder."""
        return basename(self.words[0])

    def is_call(self, *words: str) -> bool:
        """Whether the command starts with these words, options such as ``aws --profile NAME s3`` aside."""
        return self.operands[: len(words)] == words

    @property
    def operands(self) -> tuple[str, ...]:
        """The program and what follows it that is neither an option nor an option's value."""
        found, skip = [self.program], False
        for word in self.words[1:]:
            if skip:
                skip = False
            elif word.startswith("-"):
                skip = word in _WITH_VALUE
            else:
                found.append(word)
        return tuple(found)

    def has(self, option: str) -> bool:
        """Whether an option is given, by itself or with its value behind ``=``."""
        return any(word == option or word.startswith(f"{option}=") for word in self.words)


# Options of the AWS CLI that have a value.
_WITH_VALUE = frozenset(
    {
        *("--acl", "--cache-control", "--content-type", "--endpoint-url", "--exclude", "--include", "--metadata"),
        *("--output", "--profile", "--query", "--region", "--sse", "--sse-kms-key-id", "--storage-class", "--name"),
        *("--cli-read-timeout", "--cli-connect-timeout", "--grants", "--expires", "--content-encoding", "--page-size"),
    }
)


@record
class DeploySteps:
    """All commands that deploy, file by file, in order."""

    steps: tuple[DeployStep, ...]

    def __bool__(self) -> bool:
        return bool(self.steps)

    def calls(self, *words: str) -> Iterator[DeployStep]:
        """The steps that start with these words."""
        return (step for step in self.steps if step.is_call(*words))
