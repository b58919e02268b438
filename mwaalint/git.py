"""Asks git about a folder, and has it run and fetch nothing that a repository names."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path
    from types import TracebackType

# A commit hook runs with variables that point git elsewhere; who names a folder wants that folder.
_POINTERS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"})


class GitError(Exception):
    """What git could not tell, and why: a few words that end a sentence."""


def ask(folder: Path, *words: str) -> bytes:
    """What a git command says of a folder. Raises GitError."""
    import subprocess

    try:
        result = subprocess.run(_command(folder, words), capture_output=True, check=False, timeout=60, env=_variables())
    except FileNotFoundError:
        raise GitError("it is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitError("it took more than a minute") from None
    except (OSError, ValueError) as error:
        raise GitError(getattr(error, "strerror", None) or str(error)) from None
    if result.returncode != 0:
        said = result.stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
        raise GitError(said or f"exit code {result.returncode}")
    return result.stdout


def _command(folder: Path, words: tuple[str, ...]) -> list[str]:
    # The repository's own settings could name a program that git is to ask for changed files.
    return ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *words]


def _variables() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name not in _POINTERS}
    # Nor may it name a place to fetch missing objects from, which may be a program too.
    return ours | {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}


class Objects(AbstractContextManager["Objects"]):
    """The contents of a repository's objects, read one by one through one process, which the first one starts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def __reduce__(self) -> tuple[type[Objects], tuple[Path]]:
        # Another process that is handed this asks a git of its own.
        return Objects, (self._folder,)

    def read(self, name: str, limit: int) -> bytes:
        """The content of an object, at most ``limit`` bytes of it. Raises GitError."""
        try:
            to_git, from_git = self._pipes()
            to_git.write(f"{name}\n".encode())
            to_git.flush()
            header = from_git.readline().split()
            if len(header) != 3:
                raise GitError("git does not have its content")
            size = int(header[2])
            content = from_git.read(min(size, limit))
            self._skip(from_git, size - len(content) + 1)
        except OSError as error:
            raise GitError(f"git failed: {error.strerror or error}") from None
        return content

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process is None:
            import subprocess

            self._process = subprocess.Popen(
                _command(self._folder, ("cat-file", "--batch")),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_variables(),
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    @staticmethod
    def _skip(stream: IO[bytes], count: int) -> None:
        while count > 0 and (read := stream.read(min(count, 1 << 20))):
            count -= len(read)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
