"""A whole run, kept: when nothing has changed that the run looked at, it would find the same again.

A run asks for the project's files one after another, and each answer decides what it asks for next. So it goes the same
way as long as the settings, the list of files and the answers to what it asked are the same, and only these are
compared: a file that nobody read may change. Runs with ``--base``, with an overlay, or with a check that crashed are
not kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mwaalint import __version__, findings, rewrites, rulebook, source
from mwaalint.engine import baseline, known
from mwaalint.engine import result as results
from mwaalint.engine.cache import key_of
from mwaalint.engine.codec import Codec, CodecError, Places
from mwaalint.engine.result import Accepted, Described, Notice, RunResult
from mwaalint.source import SourceFile, UnreadableFileError, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from mwaalint.config import Config
    from mwaalint.discover import Project
    from mwaalint.engine.cache import Cache
    from mwaalint.findings import Finding
    from mwaalint.rulebook import Rule, Rulebook

_IN_VAIN = "unreadable: "
_CODEC = Codec(findings, known, rewrites, rulebook, source, results)


class _Asked(NamedTuple):
    """What a run asked for: files it read whole, files whose start it read, files that it opened by itself, paths that
    may or may not be there; and a digest of all the answers.
    """

    whole: tuple[str, ...]
    starts: tuple[str, ...]
    lent: tuple[str, ...]
    paths: tuple[str, ...]
    answers: str


class _Kept(NamedTuple):
    """What a run found, with the paths of its sources, and the pages of the rules that reports of it speak of: to read
    these takes longer than all else that is done for a run that is kept.
    """

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    sources: tuple[str, ...]
    described: tuple[Described, ...]
    notices: tuple[Notice, ...]
    files_analysed: int
    baseline: Accepted | None
    ran: frozenset[str]
    unfinished: frozenset[str]
    rules: tuple[Rule, ...]


class KeptRun:
    """The place of one run in a cache: what it has to do with, whatever is in the files."""

    def __init__(
        self,
        cache: Cache,
        project: Project,
        config: Config,
        rulebook: Rulebook,
        today: date,
        only: Sequence[str],
        *,
        edits: bool,
    ) -> None:
        self._cache = cache
        self._project = project
        self._config = config
        self._rulebook = rulebook
        self._today = today
        self._only = only
        self._edits = edits
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
        try:
            accepted = baseline.of(project.root, self._config).path.read_bytes()
        except OSError as error:
            accepted = str(error.errno).encode()
        settings = (
            repr(self._config),
            self._today.isoformat(),
            repr((list(self._only), self._edits, skipped, project.notes)),
        )
        return key_of("run", *settings, accepted, *files)

    def restored(self) -> RunResult | None:
        """The result of the run, if it would be the same today."""
        data = self._cache.get(self._key)
        if not isinstance(data, list) or len(data) != 2:
            return None
        try:
            asked: _Asked = _CODEC.read(data[0], _Asked, self._places)
            if _answers(asked, self._project) != asked.answers:
                return None
            kept: _Kept = _CODEC.read(data[1], _Kept, self._places)
        except CodecError:
            return None
        return self._result(kept)

    def keep(self, result: RunResult) -> None:
        """Keeps a run over the same project."""
        asked = _asked(self._project)
        if result.crashed or asked is None or self._make_key() != self._key:
            return
        kept = _Kept(
            result.findings,
            result.suppressed,
            tuple(result.sources),
            result.described,
            result.notices,
            result.files_analysed,
            result.baseline,
            result.ran,
            result.unfinished,
            tuple(self._rulebook.rule(code) for code in sorted(_codes((*result.findings, *result.suppressed)))),
        )
        try:
            written = [_CODEC.write(asked, _Asked, self._places), _CODEC.write(kept, _Kept, self._places)]
        except CodecError:
            return
        self._cache.put(self._key, written)

    def _result(self, kept: _Kept) -> RunResult | None:
        files = self._project.files
        every = (*kept.findings, *kept.suppressed)
        edited = (change.path for one in every for fix in one.fixes for change in fix.changes)
        if any(self._rulebook.pages.get(rule.code) != rule.path for rule in kept.rules):
            return None
        if not {rule.code for rule in kept.rules} >= _codes(every):
            return None
        if not all(path in files for path in (*kept.sources, *edited)):
            return None
        self._rulebook.know(kept.rules)
        return RunResult(
            root=self._project.root,
            findings=kept.findings,
            suppressed=kept.suppressed,
            sources={path: files[path] for path in kept.sources},
            deployments=(),
            notices=kept.notices,
            crashed=False,
            rulebook=self._rulebook,
            version=__version__,
            files_analysed=kept.files_analysed,
            baseline=kept.baseline,
            today=self._today,
            ran=kept.ran,
            unfinished=kept.unfinished,
            remembered=kept.described,
        )


def _codes(every: Iterable[Finding]) -> set[str]:
    return {one.code for one in every}


def _asked(project: Project) -> _Asked | None:
    """What the run over a project asked for; None when a file changed while it went on."""
    files = project.files.values()
    whole = [file for file in files if file.was_read or file.problem]
    # One that was read as well is known by that, unless it changed in between.
    starts = [file for file in files if file.start_seen not in ("", _given(file))]
    lent = tuple(file.path for file in files if file.lent)
    # By what the run was given, and not by what lies there now.
    answers = [_given(file) or _whole(file) for file in whole]
    if any(not file.was_read and not answer.startswith(_IN_VAIN) for file, answer in zip(whole, answers, strict=True)):
        return None
    answers += [file.start_seen for file in starts]
    answers += [_stamp(file) for file in files if file.lent]
    answers += [str(there) for there in project.asked.values()]
    return _Asked(
        tuple(file.path for file in whole),
        tuple(file.path for file in starts),
        lent,
        tuple(project.asked),
        key_of(*answers),
    )


def _given(file: SourceFile) -> str:
    return digest(file.data) if file.was_read else ""


def _answers(asked: _Asked, project: Project) -> str:
    """The digest of what the same questions are answered today; "" where one makes no sense. Reads files without the
    project noticing, for which nothing was read yet.
    """
    files = project.files
    if not all(path in files for path in (*asked.whole, *asked.starts, *asked.lent)):
        return ""
    try:
        there = [str((project.root / path).exists()) for path in asked.paths]
    except OSError:
        return ""
    return key_of(
        *(_whole(files[path]) for path in asked.whole),
        *(_start(files[path]) for path in asked.starts),
        *(_stamp(files[path]) for path in asked.lent),
        *there,
    )


def _again(file: SourceFile) -> SourceFile:
    return SourceFile(file.path, file.where)


def _whole(file: SourceFile) -> str:
    """What reading a file gives now: a digest, or why there is none."""
    try:
        return digest(_again(file).data)
    except UnreadableFileError as error:
        return f"{_IN_VAIN}{error}"


def _start(file: SourceFile) -> str:
    again = _again(file)
    again.start()
    return again.start_seen


def _stamp(file: SourceFile) -> str:
    try:
        status = file.absolute.stat()
    except OSError as error:
        return str(error.errno)
    return f"{status.st_size} {status.st_mtime_ns}"
