"""`karb ingest-odds` as a process, over stores in one file, asking a server of the test."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from karb_process import clean_environment
from odds_server import KEY, NFL, OddsServer, game
from odds_stores import Kept, kept_in

TESTS = Path(__file__).resolve().parent
BOOKS = ("draftkings", "fanduel", "betmgm", "williamhill_us")
HOUR = 3_600


class Run:
    """karb in one folder, asking one server; `settings` are in every run's environment.

    Its program is karb over file-backed stores; `karb` itself is over the real ones.
    """

    def __init__(
        self, server: OddsServer, folder: Path, *, program: str = "odds_stores", **settings: str
    ) -> None:
        self.server, self.folder = server, folder
        self.program, self.settings = program, settings

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start `karb ingest-odds`."""
        settings = {
            "PYTHONPATH": str(TESTS),
            "ODDS_API_KEY": KEY,
            "KARB_ODDS_API_URL": self.server.url,
            "KARB_DATA_DIR": str(self.folder / "data"),
            **self.settings,
        }
        return subprocess.Popen(
            [sys.executable, "-m", self.program, "ingest-odds", *arguments],
            cwd=self.folder,
            env=clean_environment(**{**settings, **environment}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run it to its end; the key may be in nothing that it says or keeps."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=25)
        assert KEY not in out + err
        for path in self.folder.rglob("*"):
            assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @property
    def kept(self) -> Kept:
        """What the stores hold."""
        return kept_in(self.folder)


def fresh(name: str, *, sport: str = NFL, start: float = HOUR, **ages: float) -> dict[str, Any]:
    """A game that starts in an hour, its books read 20 seconds ago unless `ages` says more."""
    now = time.time()
    read = {book: now - ages.get(book, 20) for book in BOOKS}
    return game(name, read, start=now + start, sport=sport)
