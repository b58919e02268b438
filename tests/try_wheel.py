"""Installs the wheel in a folder into a fresh environment and uses it: the pages and the data must have come along.

python tests/try_wheel.py FOLDER
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent


def main(folder: str) -> int:
    """0 when the installed command explains a rule and checks the example."""
    wheel = max(Path(folder).glob("mwaalint-*.whl"), key=lambda path: path.stat().st_mtime)
    names = ZipFile(wheel).namelist()
    pages = {path.name for path in ROOT.glob("rules/*/*.md")}
    missing = pages - {Path(name).name for name in names if name.startswith("mwaalint/_rules/")}
    strays = [name for name in names if not name.startswith(("mwaalint/", "mwaalint-"))]
    if missing or strays:
        print(f"the wheel lacks {sorted(missing)} and holds {strays} beside the package")
        return 1
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        programs = Path(place, "Scripts" if sys.platform == "win32" else "bin")
        subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", wheel], check=True)
        explained = subprocess.run(
            [programs / "mwaalint", "explain", "MW103"], check=True, capture_output=True, text=True
        )
        checked = subprocess.run(
            [programs / "mwaalint", "check", ROOT / "examples" / "etl"], capture_output=True, text=True
        )
    if "## Why it matters on MWAA" not in explained.stdout or checked.returncode != 1 or "MW103" not in checked.stdout:
        print(explained.stdout, checked.stdout, checked.stderr, sep="\n")
        return 1
    print(f"{wheel.name}: {len(pages)} pages, installed and used")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
