"""A container of MWAA in a folder: what happens to a startup script, played with a real bash.

The wrapper below is written after what the images of MWAA do (``execute-user-startup-script`` and
``setup_environment.py`` of aws/amazon-mwaa-docker-images): the script is sourced by a shell in which ``exit`` is an
alias for a function that saves the environment with ``jq``; a file that is missing or no JSON stops the container; what
was saved is then overlaid by the options of the environment, by protected variables and by MWAA's own. Paths of the
container lie below a temporary folder, so scripts are rewritten to it. Package managers, pip, curl and others are
stand-ins that note how they were called; nothing is installed and nothing fetched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

# One second of a container, in seconds of this test.
PACE = 0.005
LIMIT = 295 * PACE
HOME = "/usr/local/airflow"

_WRAPPER = """\
save_and_leave() {
  jq -n env > "$WRAPPER_ROOT/tmp/saved.json"
  unalias exit
  exit
}
shopt -s expand_aliases
alias exit=save_and_leave
source "$HOME/startup/startup.sh"
save_and_leave
"""
_REAL = (
    *(
        "bash",
        "sh",
        "cat",
        "chmod",
        "cp",
        "cut",
        "date",
        "dirname",
        "env",
        "grep",
        "head",
        "ls",
        "mkdir",
        "mktemp",
        "mv",
    ),
    *("rm", "sed", "sort", "tail", "tee", "touch", "tr", "true", "false", "wc", "yes", "id", "uname"),
)
_NOTE = 'echo "$(basename "$0") $*" >> "$WRAPPER_ROOT/calls"\n'
_STANDS_IN = {
    "sudo": 'while [[ "$1" == -* ]]; do shift; done\nWRAPPER_USER=root exec "$@"\n',
    "dnf": _NOTE
    + """\
[[ " $* " == *" makecache "* ]] && exit 0
[[ "$WRAPPER_USER" == root ]] || { echo "This command has to be run with superuser privileges"; exit 1; }
if [[ ! " $* " =~ \\ -[a-z]*y[a-z]*\\  ]]; then
  read -r answer
  [[ "$answer" == y* ]] || { echo "Operation aborted."; exit 1; }
fi
[[ -z "$WRAPPER_PACKAGES" && "$*" != */*.rpm ]] && "$WRAPPER_ROOT/usr/bin/sleep" 100000
[[ " $* " =~ \\ (update|upgrade)\\  && "$*" != *certificates* ]] && "$WRAPPER_ROOT/usr/bin/sleep" 400
for word in "$@"; do
  [[ " $WRAPPER_MISSING " == *" $word "* ]] && { echo "No match for argument: $word"; exit 1; }
done
for word in "$@"; do [[ "$word" == -* || "$word" == install ]] || echo "$word" >> "$WRAPPER_ROOT/installed"; done
exit 0
""",
    "python3": _NOTE
    + """\
if [[ "$1 $2" == "-m venv" ]]; then
  mkdir -p "${!#}/bin"
  for program in python python3 pip pip3; do cp "$WRAPPER_ROOT/usr/bin/$program" "${!#}/bin/$program"; done
  echo "export PATH=\\"${!#}/bin:\\$PATH\\" VIRTUAL_ENV=\\"${!#}\\"" > "${!#}/bin/activate"
elif [[ "$1 $2" == "-m pip" ]]; then
  shift 2
  exec "$(dirname "$0")/pip" "$@"
fi
""",
    "pip": _NOTE
    + 'echo "$(dirname "$0") $*" >> "$WRAPPER_ROOT/pip"\n'
    + '[[ "$*" == *torch* && "$*" != *--no-index* ]] && "$WRAPPER_ROOT/usr/bin/sleep" 400\n'
    + '[[ -z "$WRAPPER_ONLINE" && "$*" != *--no-index* ]] && "$WRAPPER_ROOT/usr/bin/sleep" 100000\nexit 0\n',
    "curl": _NOTE + '[[ -z "$WRAPPER_ONLINE" ]] && "$WRAPPER_ROOT/usr/bin/sleep" 100000\nexit 0\n',
    "sleep": f'exec {shutil.which("sleep")} "$(awk -v n="${{1%%[a-z]}}" "BEGIN {{ print n * {PACE} }}")"\n',
    "aws": _NOTE + "echo answer\n",
    "airflow": _NOTE,
}
_SAME = {
    "yum": "dnf",
    "python": "python3",
    "pip3": "pip",
    "wget": "curl",
    "tar": "aws",
    "sqlplus": "aws",
    "make": "aws",
}
_FOLDERS = re.compile(r"(?<![\w.$}/~-])/(?=(usr|opt|tmp|bin|etc)\b)")


@dataclass(frozen=True)
class Outcome:
    """What became of a container. ``environ`` is what Airflow would be started with, empty when it is not started."""

    saved: Mapping[str, str] | None
    environ: Mapping[str, str]
    output: str
    calls: tuple[str, ...]
    installed: frozenset[str]
    pip: tuple[str, ...]
    timed_out: bool = False

    @property
    def healthy(self) -> bool:
        """Whether MWAA could read the environment and finds the program it has to start."""
        return self.saved is not None and shutil.which("airflow", path=self.environ.get("PATH", "")) is not None


@dataclass
class Container:
    """A container of one component. ``options`` are the environment's configuration options as variables.

    Without ``online`` nothing answers from the internet, but with ``packages`` the bucket of Amazon Linux does.
    """

    root: Path
    component: str = "worker"
    options: Mapping[str, str] = field(default_factory=dict)
    online: bool = True
    packages: bool = False
    missing: Collection[str] = ()

    def start(self, script: bytes) -> Outcome:
        """Runs a startup script as MWAA does."""
        self._build()
        (self.home / "startup").mkdir(parents=True, exist_ok=True)
        (self.home / "startup" / "startup.sh").write_bytes(self.moved(script.decode()).encode())
        (self.root / "wrapper").write_text(_WRAPPER)
        output, timed_out = self._run()
        saved = self._saved()
        return Outcome(
            saved=saved,
            environ=self._composed(saved) if saved is not None else {},
            output=output,
            calls=self._lines("calls"),
            installed=frozenset(self._lines("installed")),
            pip=self._lines("pip"),
            timed_out=timed_out,
        )

    @property
    def home(self) -> Path:
        return self.root / HOME[1:]

    def moved(self, text: str) -> str:
        """A text with the container's absolute paths below the temporary folder."""
        return _FOLDERS.sub(lambda match: f"{self.root}/", text)

    def original(self, text: str) -> str:
        """A text with the temporary folder's paths as the container has them."""
        return text.replace(str(self.root), "")

    def _build(self) -> None:
        for folder in ("usr/bin", "tmp", "opt", f"{HOME[1:]}/.local/bin", f"{HOME[1:]}/plugins", f"{HOME[1:]}/dags"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        for name in (*_REAL, "awk", "basename"):
            if (real := shutil.which(name)) and not (self.root / "usr/bin" / name).exists():
                (self.root / "usr/bin" / name).symlink_to(real)
        for name, text in {**_STANDS_IN, **{name: _STANDS_IN[other] for name, other in _SAME.items()}}.items():
            folder = f"{HOME[1:]}/.local/bin" if name == "airflow" else "usr/bin"
            _program(self.root / folder / name, f"#!{shutil.which('bash')}\n{text}")
        _program(
            self.root / "usr/bin/jq", f"#!{sys.executable}\nimport json, os\nprint(json.dumps(dict(os.environ)))\n"
        )
        _program(self.home / "plugins" / "init.sh", "export INITIALISED=yes\n")
        for name, text in (("command", "bash"), ("installer", "sudo dnf install -y"), ("path", self._path())):
            (self.home / "plugins" / name).write_text(text)

    def _path(self) -> str:
        return f"{self.home}/.local/bin:{self.root}/usr/local/bin:{self.root}/usr/bin:{self.root}/bin"

    def _environ(self) -> dict[str, str]:
        """What the container is started with, MWAA's overridable values included."""
        return {
            "AIRFLOW_CONN_AWS_DEFAULT": "aws://",
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW_VERSION": "2.10.3",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_REGION": "eu-central-1",
            "HOME": str(self.home),
            "MWAA__CORE__STARTUP_SCRIPT_PATH": str(self.home / "startup/startup.sh"),
            "PATH": self._path(),
            "PYTHONPATH": "/python",
            "PYTHONUNBUFFERED": "1",
        }

    def _composed(self, saved: Mapping[str, str]) -> dict[str, str]:
        """MWAA's layers, the strongest last."""
        own = self._environ()
        essential = {
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "MWAA_AIRFLOW_COMPONENT": self.component,
        }
        protected = {name: value for name, value in own.items() if name.startswith("MWAA__") or name in PROTECTED}
        return {**own, **saved, **self.options, **protected, **essential}

    def _run(self) -> tuple[str, bool]:
        bash = shutil.which("bash")
        if bash is None:
            pytest.skip("bash is not installed, so nothing of this can be seen")
        process = subprocess.Popen(
            [bash, str(self.root / "wrapper")],
            cwd=self.home,
            env={
                **self._environ(),
                **self.options,
                "MWAA_AIRFLOW_COMPONENT": self.component,
                "WRAPPER_ROOT": str(self.root),
                "WRAPPER_MISSING": " ".join(self.missing),
                "WRAPPER_ONLINE": "yes" if self.online else "",
                "WRAPPER_PACKAGES": "yes" if self.online or self.packages else "",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.communicate(timeout=LIMIT)[0].decode(errors="replace"), False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGTERM)
            return process.communicate(timeout=10)[0].decode(errors="replace"), True

    def _saved(self) -> dict[str, str] | None:
        """What MWAA reads; None where it raises instead."""
        try:
            saved: dict[str, str] = json.loads((self.root / "tmp/saved.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return saved

    def _lines(self, name: str) -> tuple[str, ...]:
        path = self.root / name
        return tuple(self.original(line) for line in path.read_text().splitlines()) if path.exists() else ()


PROTECTED = frozenset(
    {
        *("AIRFLOW_ENV_ID", "AIRFLOW_ENV_NAME", "AIRFLOW_HOME", "AIRFLOW_VERSION", "AWS_DEFAULT_REGION", "AWS_REGION"),
        *("AWS_EXECUTION_ENV", "AIRFLOW__WEBSERVER__BASE_URL", "PYTHONPATH", "PYTHONUNBUFFERED", "WATCHTOWER_VERSION"),
    }
)


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
