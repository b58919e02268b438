"""The baseline: the findings a team had when it took mwaalint up, in a file that people review."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from mwaalint import atomic
from mwaalint.config import BASELINE, ConfigError
from mwaalint.engine.known import Entry, remembered, told_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from mwaalint.config import Config
    from mwaalint.engine.known import Sorted
    from mwaalint.findings import Finding

VERSION = 1
_ABOUT = (
    "Findings that were there when this file was written. mwaalint baseline writes it, --prune drops what is repaired."
)


class Baseline(NamedTuple):
    """A baseline and the file it is from. Its paths start at the folder of the settings, ``base`` leads from there to
    the folder that is checked.
    """

    path: Path
    name: str
    base: str
    entries: tuple[Entry, ...]

    def sorts(self, findings: Sequence[Finding], exists: Callable[[str], bool]) -> Sorted:
        """Which findings are in the baseline; those of other folders are left alone."""
        here = [
            entry._replace(path=entry.path.removeprefix(self.base)) for entry in self.entries if self._covers(entry)
        ]
        return told_apart(findings, here, exists)

    def holding(self, findings: Iterable[Finding]) -> Baseline:
        """A baseline with exactly these findings of the folder, and what it has of other folders."""
        mine = [remembered(finding, self.base + finding.primary.path) for finding in findings]
        others = [entry for entry in self.entries if not self._covers(entry)]
        return self._replace(entries=tuple(sorted([*mine, *others])))

    def without(self, gone: Iterable[Entry]) -> Baseline:
        """The baseline without some entries, as ``sorts`` gives them."""
        left = list(self.entries)
        for entry in gone:
            left.remove(entry._replace(path=self.base + entry.path))
        return self._replace(entries=tuple(left))

    def _covers(self, entry: Entry) -> bool:
        return entry.path.startswith(self.base)

    def write(self) -> None:
        """Writes the file, sorted, one member a line so that a change of it can be read. Raises ConfigError."""
        findings = [entry._asdict() for entry in sorted(self.entries)]
        document = {"version": VERSION, "about": _ABOUT, "findings": findings}
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        try:
            atomic.write(self.path, text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise ConfigError(f"{self.path}: the baseline could not be written: {error.strerror or error}") from error


def of(root: Path, config: Config) -> Baseline:
    """The baseline as the settings name it, not read, whether it is there or not."""
    folder = config.folder(root)
    path = folder / (config.baseline or BASELINE)
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    return Baseline(path, name, config.base, ())


def load(root: Path, config: Config) -> Baseline | None:
    """The baseline that holds for a folder; None without one. One that is named has to exist. Raises ConfigError."""
    if config.baseline is None:
        return None
    empty = of(root, config)
    if not config.baseline and not empty.path.is_file():
        return None
    return empty._replace(entries=_read(empty.path))


def _read(path: Path) -> tuple[Entry, ...]:
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: this baseline does not exist; mwaalint baseline writes it") from error
    except OSError as error:
        raise ConfigError(f"{path}: the baseline cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: the baseline is not JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise ConfigError(f"{path}: this is not a baseline: it has no list of findings")
    if document.get("version") != VERSION:
        raise ConfigError(
            f"{path}: the baseline has version {document.get('version')!r}; this mwaalint reads {VERSION}"
        )
    return tuple(_entry(row, path) for row in document["findings"])


def _entry(row: object, path: Path) -> Entry:
    members = row if isinstance(row, dict) else {}
    texts = [text for name in Entry._fields if isinstance(text := members.get(name), str)]
    if len(texts) != len(Entry._fields):
        raise ConfigError(
            f"{path}: a finding in the baseline has {', '.join(Entry._fields)}, each a string, not {row!r}"
        )
    return Entry(*texts)
