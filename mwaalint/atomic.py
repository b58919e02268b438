"""Writes files whole: whoever reads one finds the old bytes or the new, never half of them."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def write(target: Path, data: bytes) -> None:
    """Writes a file, keeping its mode where it is there. Raises OSError."""
    target = target.resolve()
    temporary = beside(target, data)
    try:
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def beside(target: Path, data: bytes) -> Path:
    """A temporary file with new bytes for a target, in its folder and with its mode. Raises OSError."""
    mode = _mode(target)
    if not mode & 0o222:
        # Replacing it would work, but who takes the right to write away means it.
        raise PermissionError(errno.EACCES, "it is read-only")
    import tempfile

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _mode(target: Path) -> int:
    """The mode a file has, or that a new one would get: there is no way to ask for the umask but to set it."""
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
