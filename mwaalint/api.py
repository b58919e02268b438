"""The one entry point: the command line, the tests and other programs call ``check``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mwaalint.config import Config
    from mwaalint.discover import Project
    from mwaalint.engine.cache import Cache
    from mwaalint.engine.result import RunResult
    from mwaalint.engine.run_cache import KeptRun
    from mwaalint.rulebook import Rulebook


class PathError(Exception):
    """A path that cannot be checked; the text says why."""


def check(
    path: Path | str = ".",
    config: Config | None = None,
    *,
    only: Sequence[Path | str] = (),
    today: date | None = None,
    overlay: Mapping[str, bytes] | None = None,
    since: str | None = None,
    jobs: int = 1,
    cache: Cache | None = None,
    brief: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    edits: bool = True,
) -> RunResult:
    """Checks the deployments of the project in a folder.

    ``only`` limits what is reported, not what is read, to these files of the project. Without ``config`` the project's
    own settings are used. ``today`` decides which support dates have passed. ``overlay`` holds bytes, by path relative
    to the folder, that stand for those on the disk. With ``since``, a commit of git, only what the project did not have
    then is reported. ``jobs`` is how many processes may check DAG and plugin code. Without ``edits``, fixes of Python
    code are named but not made. ``cache`` keeps what was found for the next run; with ``brief``, the result of a
    project that has not changed comes from there as a whole, without its ``deployments``. After runs with an
    ``overlay`` the caller saves it. Raises PathError, ConfigError and PastError.
    """
    from mwaalint import config as settings
    from mwaalint import rulebook
    from mwaalint.discover import discover

    root = Path(path).resolve()
    if not root.is_dir():
        raise PathError(f"{path}: there is no such folder")
    pages = rulebook.shipped()
    config = config or settings.load(root, pages)
    day = today or datetime.now(tz=UTC).date()
    files = [_inside(file, root) for file in only]
    progress("looking for files")
    project = discover(root, config.exclude, overlay or {}, config.base)
    kept = None
    if cache is not None and brief and not overlay and since is None:
        from mwaalint.engine.run_cache import KeptRun

        kept = KeptRun(cache, project, config, pages, day)
    result = kept.restored(files) if kept is not None else None
    if result is None:
        result = _run(project, config, pages, day, files, since, jobs, cache, progress, kept)
    if edits:
        result = _with_edits(result, cache)
    # With an overlay it is one of many rounds, and the last is not known here.
    if cache is not None and not overlay:
        cache.save()
    return result


def _run(
    project: Project,
    config: Config,
    pages: Rulebook,
    today: date,
    only: Sequence[str],
    since: str | None,
    jobs: int,
    cache: Cache | None,
    progress: Callable[[str], None],
    kept: KeptRun | None,
) -> RunResult:
    from mwaalint import catalog
    from mwaalint.engine.run import run

    return run(
        project,
        config,
        catalog=catalog.load(),
        rulebook=pages,
        today=today,
        only=only,
        since=since,
        jobs=jobs,
        cache=cache,
        **({"keep": kept.keep} if kept else {}),
        progress=progress,
    )


def _with_edits(result: RunResult, cache: Cache | None) -> RunResult:
    if not any(fix.rewrites for one in (*result.findings, *result.suppressed) for fix in one.fixes):
        return result
    from mwaalint.fix.rewriting import edits_of, with_edits

    if cache is None:
        return with_edits(result, edits_of)
    from mwaalint.fix.kept_edits import KeptEdits

    return with_edits(result, KeptEdits(cache, edits_of, result.sources.__contains__))


def _inside(file: Path | str, root: Path) -> str:
    path = Path(file).resolve()
    if not path.is_relative_to(root):
        raise PathError(f"{file}: the file is not part of the project {root}")
    return path.relative_to(root).as_posix()


def project_of(file: Path) -> Path:
    """The root of the repository a file lies in: the nearest folder above with ``.git``, else the current folder, else
    its own.
    """
    path = file.resolve()
    for folder in path.parents:
        if (folder / ".git").exists():
            return folder
    here = Path.cwd()
    return here if path.is_relative_to(here) else path.parent
