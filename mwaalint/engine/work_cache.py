"""What Python files tell of the work that DAGs do, kept from run to run: of those files that only the rules on the size
of an environment ask for.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mwaalint import source
from mwaalint.discover import Role
from mwaalint.engine.cache import key_of
from mwaalint.engine.codec import Codec, CodecError, Places
from mwaalint.model import dags
from mwaalint.model.dags import FileWork, ask_first, work_of_file
from mwaalint.source import UnreadableFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwaalint.discover import Project
    from mwaalint.engine.cache import Cache
    from mwaalint.source import SourceFile

_CODEC = Codec(dags, source)
_NOWHERE = Places(lambda _: False)


@contextmanager
def kept_work(cache: Cache, project: Project) -> Iterator[None]:
    """In the block, what the cache has of a project's files is not read off them again; after it, the rest is kept."""
    new: list[SourceFile] = []

    def kept(file: SourceFile) -> FileWork | None:
        work = _kept(cache, file)
        if work is None:
            new.append(file)
        return work

    for file in project.with_role(Role.PYTHON):
        ask_first(file, kept)
    yield
    for file in new:
        # One that is no Python has to be read again, to say so.
        if not file.problem and (key := _key(file)):
            cache.put(key, _CODEC.write(work_of_file(file), FileWork, _NOWHERE))


def _kept(cache: Cache, file: SourceFile) -> FileWork | None:
    key = _key(file)
    data = cache.get(key) if key else None
    try:
        work: FileWork | None = None if data is None else _CODEC.read(data, FileWork, _NOWHERE)
    except CodecError:
        return None
    return work


def _key(file: SourceFile) -> str:
    """The file's own path is in the words that say why DAGs cannot be counted."""
    try:
        return key_of("work", file.path, file.data)
    except UnreadableFileError:
        return ""
