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
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from mwaalint.config import Config
    from mwaalint.discover import Project
    from mwaalint.engine.cache import Cache
    from mwaalint.engine.code_run import CodeResult
    from mwaalint.engine.result import RunResult
    from mwaalint.rulebook import Rulebook

    # What was seen, what was gathered, the findings of each file of code, the rules they are of, and how the files came
    # to be checked, each as JSON.
    Entry = tuple[Any, Any, dict[str, Any], Any, Any]

_CODEC = Codec(findings, known, rewrites, rulebook, source, results, conclude, seen)
_OF_FILE = tuple[tuple[int, Finding], ...]


class KeptRun:
    """The place of one run in a cache: what it has to do with, whatever is in the files."""

    def __init__(self, cache: Cache, project: Project, config: Config, rulebook: Rulebook, today: date) -> None:
        self._cache = cache
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
        data = self._cache.get(self._key)
        if not isinstance(data, list) or len(data) != 5 or not isinstance(data[2], dict):
            return None
        try:
            entry: Entry = (data[0], data[1], data[2], data[3], data[4])
            before: Seen = self._read(entry[0], Seen)
            compared = seen.compared(before, self._project, self._began)
            if compared is None:
                return None
            rules: tuple[Rule, ...] = self._read(entry[3], tuple[Rule, ...])
            if any(self._rulebook.pages.get(rule.code) != rule.path for rule in rules):
                return None
            self._rulebook.know(rules)
            if compared.changed:
                updated = self._rechecked(entry, compared)
                if updated is None:
                    return None
                entry = updated
            elif compared.seen != before:
                self._cache.put(self._key, [self._write(compared.seen, Seen), *entry[1:]])
            gathered = self._gathered(entry)
        except CodecError:
            return None
        if not self._makes_sense(gathered, rules, changed=bool(compared.changed)):
            return None
        for row in compared.seen.files:
            self._project.files[row.path].known = seen.digest_of(row)
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
            found = {path: self._write(rows, _OF_FILE, path) for path, rows in gathered.of_files.items() if rows}
            self._put(
                (
                    self._write(now, Seen),
                    self._write(gathered._replace(of_files={}), Gathered),
                    found,
                    self._rules_of(_findings(gathered)),
                    written(code, self._places),
                )
            )
        except CodecError:
            return

    def _put(self, entry: Entry) -> None:
        self._cache.put(self._key, list(entry))

    def _gathered(self, entry: Entry) -> Gathered:
        gathered: Gathered = self._read(entry[1], Gathered)
        of_files = {path: self._read(rows, _OF_FILE, path) for path, rows in sorted(entry[2].items())}
        return gathered._replace(of_files=of_files)

    def _rechecked(self, entry: Entry, compared: Compared) -> Entry | None:
        """The entry as it would be today, after a look at the files that have changed, and kept as such."""
        from mwaalint.engine.recheck import MOST_FILES, Recheck

        if len(compared.changed) > MOST_FILES:
            return None
        gathered: Gathered = self._read(entry[1], Gathered)
        elsewhere = (*(one for _, one in gathered.found), *gathered.problems)
        spoken_of = {path for finding in elsewhere for path in finding.paths}
        around = self._config, self._rulebook, self._today
        recheck = Recheck(self._cache, self._project, *around, entry[4], self._places)
        rows, found = {row.path: row for row in compared.seen.files}, dict(entry[2])
        new: list[Finding] = []
        for before in compared.changed:
            # The whole run, if there has to be one, is to notice what it asks for.
            file = seen.another(self._project.files[before.path])
            after = seen.again(before, file, compared.seen.questions, self._began)
            if after is None:
                return None
            rows[file.path] = after
            findings = recheck.findings(file, before.whole, spoken_of=file.path in spoken_of)
            if findings is None:
                return None
            new += [one for _, one in findings]
            found.pop(file.path, None)
            if findings:
                found[file.path] = self._write(findings, _OF_FILE, file.path)
        today = compared.seen._replace(files=tuple(rows.values()))
        rules = self._rules_of(new)
        known_rules = [rule for rule in entry[3] if rule not in rules]
        updated = (self._write(today, Seen), entry[1], found, [*known_rules, *rules], entry[4])
        self._put(updated)
        self._cache.leave_rest()
        return updated

    def _rules_of(self, every: Iterable[Finding]) -> Any:
        """The pages of the rules that findings are of: to read these takes longer than all else that is done for a run
        that is kept.
        """
        rules = tuple(self._rulebook.rule(code) for code in sorted({one.code for one in every}))
        return self._write(rules, tuple[Rule, ...])

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
