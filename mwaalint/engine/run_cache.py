"""A whole run, kept: as long as it would see the same, it would find the same again.

Kept is what its checks came to. What is made of that takes little time and hangs on more: on the baseline, on ignore
comments, on the files that are asked for. When a few files of code have changed that tell others the same as before,
only these are checked again. Runs with ``--base``, with an overlay, or with a check that crashed are not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mwaalint import findings, rewrites, rulebook, source
from mwaalint.engine import conclude, known, seen
from mwaalint.engine import result as results
from mwaalint.engine.baseline import load
from mwaalint.engine.cache import key_of
from mwaalint.engine.codec import Codec, CodecError, Places
from mwaalint.engine.conclude import Gathered, concluded, settled
from mwaalint.engine.seen import Compared, Seen
from mwaalint.findings import Finding
from mwaalint.rulebook import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from mwaalint.config import Config
    from mwaalint.discover import Project
    from mwaalint.engine.cache import Cache
    from mwaalint.engine.code_run import CodeResult
    from mwaalint.engine.result import RunResult
    from mwaalint.rulebook import Rulebook

# What was seen, what was gathered, the findings of each file of code, the rules they are of, and how the files came to
# be checked: entries of their own, as some of them change more often than others.
_PARTS = ("seen", "gathered", "of files", "rules", "ways")
_CODEC = Codec(findings, known, rewrites, rulebook, source, results, conclude, seen)
_OF_FILE = tuple[tuple[int, Finding], ...]


class KeptRun:
    """The place of one run in a cache: what it has to do with, whatever is in the files."""

    def __init__(self, cache: Cache, project: Project, config: Config, rulebook: Rulebook, today: date) -> None:
        self._of_files = cache
        self._cache = cache.beside("run")
        self._project = project
        self._config = config
        self._rulebook = rulebook
        self._today = today
        self._began = seen.now()
        self._key = self._make_key()
        nowhere = {".", *(one.path for one in project.skipped)}
        self._places = Places(lambda path: path in project.files or path in nowhere)

    def _make_key(self) -> str:
        project = self._project
        # The cache may lie in the project, and is no part of it.
        own = self._cache.path.parent
        inside = f"{own.relative_to(project.root).as_posix()}/" if own.is_relative_to(project.root) else None
        files = [path for path in project.files if inside is None or not path.startswith(inside)]
        skipped = [part for one in project.skipped for part in one]
        settings = (repr(self._config), self._today.isoformat(), repr((skipped, project.notes)))
        return key_of("run", *settings, *files)

    def restored(self, only: Sequence[str]) -> RunResult | None:
        """The result of the run, if what it saw is the same today, or can be made the same with little work."""
        try:
            gathered = self._gathered()
        except CodecError:
            return None
        if gathered is None:
            return None
        # What this run did not ask for, the next may.
        self._of_files.leave_rest()
        baseline = load(self._project.root, self._config)
        now = settled(gathered, self._project, self._config, self._rulebook)
        return concluded(now, self._config, self._rulebook, self._today, baseline, only)

    def keep(self, gathered: Gathered, code: CodeResult | None) -> None:
        """Keeps what the run over the same project came to, before anybody puts it together."""
        now = seen.seen(self._project, self._began)
        if gathered.crashed or now is None:
            return
        from mwaalint.engine.recheck import written

        try:
            parts = {
                "seen": self._write(now, Seen),
                "gathered": self._write(gathered._replace(of_files={}), Gathered),
                "of files": {
                    path: self._write(rows, _OF_FILE, path) for path, rows in gathered.of_files.items() if rows
                },
                "rules": self._write(self._rules_of({one.code for one in _findings(gathered)}), tuple[Rule, ...]),
                "ways": written(code, self._places),
            }
        except CodecError:
            return
        self._put(parts)

    def _part(self, name: str) -> Any:
        return self._cache.get(key_of(self._key, name))

    def _put(self, parts: Mapping[str, Any]) -> None:
        for name, data in parts.items():
            self._cache.put(key_of(self._key, name), data)

    def _gathered(self) -> Gathered | None:
        """What the run came to, with what has changed since then."""
        before: Seen = self._read(self._part("seen"), Seen)
        compared = seen.compared(before, self._project, self._began)
        if compared is None:
            return None
        rules: tuple[Rule, ...] = self._read(self._part("rules"), tuple[Rule, ...])
        if any(self._rulebook.pages.get(rule.code) != rule.path for rule in rules):
            return None
        self._rulebook.know(rules)
        gathered: Gathered = self._read(self._part("gathered"), Gathered)
        rows = self._part("of files")
        if not isinstance(rows, dict):
            return None
        if compared.changed:
            rows = self._rechecked(compared, gathered, rows, rules)
            if rows is None:
                return None
        elif compared.seen != before:
            self._put({"seen": self._write(compared.seen, Seen)})
        of_files = {path: self._read(found, _OF_FILE, path) for path, found in sorted(rows.items())}
        gathered = gathered._replace(of_files=of_files)
        return gathered if self._makes_sense(gathered, rules, changed=bool(compared.changed)) else None

    def _rechecked(
        self, compared: Compared, gathered: Gathered, rows: Mapping[str, Any], rules: tuple[Rule, ...]
    ) -> dict[str, Any] | None:
        """What is found in each file of code today, after a look at the files that have changed; kept as such."""
        from mwaalint.engine.recheck import MOST_FILES, Newer, Recheck

        if len(compared.changed) > MOST_FILES:
            return None
        elsewhere = (*(one for _, one in gathered.found), *gathered.problems)
        spoken_of = {path for finding in elsewhere for path in finding.paths}
        around = self._config, self._rulebook, self._today
        cache = Newer(self._cache, self._of_files)
        recheck = Recheck(cache, self._project, *around, self._part("ways"), self._places)
        files, found = {row.path: row for row in compared.seen.files}, dict(rows)
        new: set[str] = set()
        for before in compared.changed:
            # The whole run, if there has to be one, is to notice what it asks for.
            file = seen.another(self._project.files[before.path])
            after = seen.again(before, file, compared.seen.questions, self._began)
            if after is None:
                return None
            files[file.path] = after
            findings = recheck.findings(file, before.whole, spoken_of=file.path in spoken_of)
            if findings is None:
                return None
            new |= {one.code for _, one in findings}
            found.pop(file.path, None)
            if findings:
                found[file.path] = self._write(findings, _OF_FILE, file.path)
        parts = {"seen": self._write(compared.seen._replace(files=tuple(files.values())), Seen), "of files": found}
        if missing := new - {rule.code for rule in rules}:
            parts["rules"] = self._write((*rules, *self._rules_of(missing)), tuple[Rule, ...])
        self._put(parts)
        return found

    def _rules_of(self, codes: Collection[str]) -> tuple[Rule, ...]:
        """The pages of rules: to read these takes longer than all else that is done for a run that is kept."""
        return tuple(map(self._rulebook.rule, sorted(codes)))

    def _makes_sense(self, gathered: Gathered, rules: Iterable[Rule], *, changed: bool) -> bool:
        """Whether it speaks of files and rules that there are: data that somebody made up may say anything."""
        every = list(_findings(gathered))
        codes = {rule.code for rule in rules} | (self._rulebook.pages.keys() if changed else set())
        return codes >= {one.code for one in every} and all(self._project.files.keys() >= one.edited for one in every)

    def _write(self, value: object, kind: Any, home: str = "") -> Any:
        return _CODEC.write(value, kind, self._places._replace(home=home))

    def _read(self, data: object, kind: Any, home: str = "") -> Any:
        return _CODEC.read(data, kind, self._places._replace(home=home))


def _findings(gathered: Gathered) -> Iterator[Finding]:
    for _, finding in gathered.found:
        yield finding
    yield from gathered.problems
    for rows in gathered.of_files.values():
        for _, finding in rows:
            yield finding
