"""Edits of Python code, kept from run to run: what they are hangs on the bytes of the file and on what is wanted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mwaalint import findings, rewrites, source
from mwaalint.engine.cache import key_of
from mwaalint.engine.codec import Codec, CodecError, Places
from mwaalint.findings import Edit
from mwaalint.rewrites import Rewrite
from mwaalint.source import CHANGED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mwaalint.engine.cache import Cache
    from mwaalint.fix.rewriting import EditsOf, Rewrites
    from mwaalint.source import SourceFile

_CODEC = Codec(findings, rewrites, source)
_WANTED = tuple[tuple[Rewrite, ...], ...]
# For each of the wanted, None where it cannot be done.
_MADE = tuple[tuple[Edit, ...] | None, ...]


class KeptEdits:
    """Makes edits as ``edits_of`` does, but those that were made before."""

    def __init__(self, cache: Cache, edits_of: EditsOf, exists: Callable[[str], bool]) -> None:
        self._cache = cache
        self._edits_of = edits_of
        self._places = Places(exists)

    def __call__(self, file: SourceFile, wanted: Sequence[Rewrites]) -> dict[Rewrites, tuple[Edit, ...]]:
        """The edits of each group of rewrites of a file; groups that cannot be done are left out."""
        what = json.dumps(_CODEC.write(tuple(wanted), _WANTED, self._places))
        key = key_of("edits", file.path, file.digest, what)
        made = self._kept(key, file, len(wanted))
        if made is None:
            done = self._edits_of(file, wanted)
            made = tuple(done.get(rewrites) for rewrites in wanted)
            # What comes of a file that changed meanwhile says nothing of what it was.
            if file.problem != CHANGED:
                self._cache.put(key, _CODEC.write(made, _MADE, self._places))
        return {rewrites: edits for rewrites, edits in zip(wanted, made, strict=True) if edits is not None}

    def _kept(self, key: str, file: SourceFile, count: int) -> tuple[tuple[Edit, ...] | None, ...] | None:
        data = self._cache.get(key)
        try:
            made: tuple[tuple[Edit, ...] | None, ...] = _CODEC.read(data, _MADE, self._places)
        except CodecError:
            return None
        mine = all(edit.path == file.path for edits in made for edit in edits or ())
        return made if mine and len(made) == count else None
