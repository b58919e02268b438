"""Writes files whole: whoever reads one finds the old bytes or the new, never half of them."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    # By a name that nobody has; to import the module for temporary files takes longer than to write one.
    temporary = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        with open(temporary, "xb", opener=_privately) as file:
            file.write(data)
        temporary.chmod(mode)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _mode(target: Path) -> int:
    """The mode a file has, or that a new one would get: there is no way to ask for the umask but to set it."""
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
