"""karb as a user runs it: a process of its own, in a folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without any setting of the person who runs the tests."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONUTF8": "1", "COLUMNS": "80", **extra}


def karb(
    *arguments: str, folder: Path, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run karb in `folder`; answers exit code, stdout and stderr as text."""
    return subprocess.run(
        [sys.executable, "-m", "karb", *arguments],
        cwd=folder,
        env=clean_environment(**environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )


def document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON document on stdout."""
    body: dict[str, Any] = json.loads(done.stdout)
    return body


def modules_after(*arguments: str, folder: Path) -> set[str]:
    """Every module that is loaded when karb has answered."""
    program = (
        "import sys\n"
        "from karb.cli.main import main\n"
        "try:\n    main()\n"
        "finally:\n    sys.stderr.write('\\n'.join(['--modules--', *sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.partition("--modules--\n")[2].split("\n"))
