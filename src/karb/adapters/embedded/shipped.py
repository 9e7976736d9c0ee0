"""The servers' programs, out of the wheels that bring them; found, not imported.

The Python of those packages ends a server together with the process that started it, although
others use it; as root it also adds an account and opens every folder above the server's to
everybody. karb needs only the programs.
"""

from importlib.util import find_spec
from pathlib import Path

from karb.errors import ConfigError


def shipped(package: str, *parts: str) -> Path:
    """A file or folder inside an installed package; raises `ConfigError` when there is none."""
    spec = find_spec(package)
    folder = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    path = Path(folder, *parts) if folder else None
    if path is None or not path.exists():
        raise ConfigError(
            f"{package} is not installed" if path is None else f"{package} has no {path.name} here",
            means="karb cannot start stores of its own",
            do="pip install 'karb[embedded]', or set REDIS_URL, DATABASE_URL and QUESTDB_PG_HOST",
        )
    return path
