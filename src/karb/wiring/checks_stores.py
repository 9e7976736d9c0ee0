"""The stores as `karb doctor` sees them: each is looked at, and none is started.

A store of karb's own that is not running is fine, as the next command that needs it starts it.
"""

from functools import partial
from typing import TYPE_CHECKING

from karb.config.settings import Settings
from karb.errors import ConfigError, KarbError, StoreDownError
from karb.tasks.doctor import Check, DoubtError, Survey, examine
from karb.wiring.store_kinds import Kind, kinds
from karb.wiring.stores import data_folder, quiet

if TYPE_CHECKING:
    from karb.adapters.embedded.place import Place


def store_surveys(settings: Settings, *, own_only: bool) -> dict[str, Survey]:
    """A look at each store; with `own_only` servers of the settings are left out."""
    try:
        stores = kinds(settings, quiet)
    except ConfigError as error:
        return {"stores": _survey("stores", partial(_none, error))}
    return {
        kind.store: _survey(kind.store, partial(_look, kind, settings))
        for kind in stores
        if not (own_only and kind.place is None)
    }


def _survey(name: str, check: Check) -> Survey:
    return lambda: examine([(name, check)])


def _none(error: ConfigError) -> str:
    """Without `karb[embedded]` recorded files can be worked on, and nothing live."""
    raise _doubt(error)


def _look(kind: Kind, settings: Settings) -> str:
    if kind.place is not None and not kind.place.held():
        return f"stopped; the next command that needs it starts it{_prepared(kind, settings)}"
    try:
        found = kind.find()
    except StoreDownError as error:
        raise (_stuck(kind.place, error) if kind.place is not None else error) from None
    return f"running: {found.version}, {found.where}"


def _prepared(kind: Kind, settings: Settings) -> str:
    """What is to be said of the program of a store of karb's own; doubts one that is missing."""
    from karb.adapters.embedded.postgres import postgres_programs
    from karb.adapters.embedded.questdb import java_program
    from karb.adapters.embedded.valkey import valkey_program

    programs = {"redis": valkey_program, "postgres": postgres_programs, "questdb": java_program}
    try:
        programs[kind.store]()
    except KarbError as error:
        raise _doubt(error) from None
    return _archive(settings) if kind.store == "questdb" else ""


def _archive(settings: Settings) -> str:
    """Where QuestDB's archive is; raises `ConfigError` when the setting names another file."""
    try:
        from karb.adapters.embedded.archive import VERSION, questdb_jar
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise DoubtError(
            f"{package} is not installed, so QuestDB's archive cannot be fetched",
            means="history waits in karb's spool; nothing that decides needs it",
            do="pip install 'karb[embedded]', or set QUESTDB_PG_HOST",
        ) from None
    data = data_folder(settings)
    if settings.karb_questdb_jar:
        return f", from {questdb_jar(data, settings.karb_questdb_jar, quiet)}"
    here = (data / f"questdb-{VERSION}.jar").exists()
    return "" if here else "; its archive (30 MB) is fetched then, once"


def _stuck(place: "Place", error: StoreDownError) -> StoreDownError:
    """A store of karb's own that is there and does not answer: no setting can mend that."""
    return StoreDownError(
        error.what,
        means=error.means,
        do="wait a few seconds; if it stays so, `karb services stop` and start again; "
        f"{place.log} says why",
    )


def _doubt(error: KarbError) -> DoubtError:
    return DoubtError(error.what, means=error.means, do=error.do)
