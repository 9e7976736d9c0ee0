"""karb at its loudest, as a program: `python -m canary_karb COMMAND ...`.

Every library logs all that it has to say, every warning is shown, and each child that is
started is written down with its command line and environment (`CANARY_CHILDREN` names the
file). `CANARY_BREAK` names a function, as `package.module:Class.method`, that fails in a way
nobody foresaw.
"""

import json
import logging
import os
import sys
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from canary import Process

CHILDREN, BREAK = "CANARY_CHILDREN", "CANARY_BREAK"
UNFORESEEN = "nobody foresaw this"
_STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn")


def children(file: Path) -> list[Process]:
    """The children that were written down."""
    if not file.exists():
        return []
    told = map(json.loads, file.read_text().splitlines())
    return [Process(argv[0], "\0".join(argv).encode(), str(env).encode()) for argv, env in told]


def _watch(file: Path) -> None:
    """Write down every child before it is started, however short its life."""

    def heard(event: str, details: tuple[Any, ...]) -> None:
        if event in _STARTS:
            argv, env = details[1], details[-1]
            line = [[os.fsdecode(word) for word in argv], dict(os.environ if env is None else env)]
            with file.open("a") as told:
                told.write(f"{json.dumps(line, default=os.fsdecode)}\n")

    sys.addaudithook(heard)


def _break(name: str) -> None:
    def fail(*_arguments: object, **_options: object) -> NoReturn:
        raise RuntimeError(UNFORESEEN)

    module, _, path = name.partition(":")
    *owners, last = path.split(".")
    setattr(reduce(getattr, owners, import_module(module)), last, fail)


def main() -> None:
    """Run karb with the arguments of the process."""
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    _watch(Path(os.environ.pop(CHILDREN)))
    if broken := os.environ.pop(BREAK, ""):
        _break(broken)
    from karb.cli.main import main as karb

    karb()


if __name__ == "__main__":
    main()
