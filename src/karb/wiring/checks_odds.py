"""What `karb doctor` asks of the odds source: one call that costs nothing tells all of it."""

from functools import partial

from karb.adapters.odds_api.client import COST, Standing
from karb.adapters.odds_api.errors import LATER, SOURCE, OutOfCreditsError
from karb.config.load import Loaded
from karb.config.settings import Settings
from karb.domain.edge.profile import Profile
from karb.errors import KarbError, UnreachableError
from karb.tasks import doctor_answers as answers
from karb.tasks.credit_plan import Plan
from karb.tasks.doctor import DoubtError, Row, State, Survey, examine, row_of
from karb.wiring.checks_asking import answered, survey, unchecked
from karb.wiring.odds import odds_source, sports_of
from karb.wiring.odds_credits import last_word
from karb.wiring.settings import profile_of

_SOURCE, _CREDITS, _SCHEDULE = "odds source", "odds credits", "odds schedule"


def odds_survey(loaded: Loaded) -> Survey:
    """Rows on the source, the credits and the pace that they allow."""
    return survey(partial(_odds, loaded.settings, profile_of(loaded).profile))


async def _odds(settings: Settings, profile: Profile) -> list[Row]:
    try:
        async with odds_source(settings) as source:
            standing = await answered(SOURCE, source.standing())
    except OutOfCreditsError as error:
        known, spent = Row(_SOURCE, State.FINE, "the key is accepted"), row_of(_CREDITS, error)
        return [known, spent, unchecked(_SCHEDULE, spent)]
    except UnreachableError as error:
        failed = row_of(_SOURCE, _typed(error))
        return [failed, await _left(settings, failed), unchecked(_SCHEDULE, failed)]
    except KarbError as error:
        failed = row_of(_SOURCE, error)
        return [failed, unchecked(_CREDITS, failed), unchecked(_SCHEDULE, failed)]
    known = Row(_SOURCE, State.FINE, f"the key is accepted; {len(standing.sports)} sports on offer")
    return [known, *await _credits(standing, settings, profile)]


def _typed(error: UnreachableError) -> UnreachableError:
    """With what a person can do who waits for no next pass."""
    if error.do != LATER:
        return error
    do = "check the network, and KARB_ODDS_API_URL in `karb config show`"
    return UnreachableError(error.what, means=error.means, do=do)


async def _left(settings: Settings, failed: Row) -> Row:
    """What is known of the credits while the source does not answer."""
    known = await last_word(settings)
    if not known:
        return unchecked(_CREDITS, failed)
    return row_of(_CREDITS, DoubtError(known, do=f"see to the {_SOURCE} first"))


async def _credits(standing: Standing, settings: Settings, profile: Profile) -> list[Row]:
    told = standing.credits
    if told is None or told.remaining is None:
        error = DoubtError(
            f"{SOURCE} does not say how many are left",
            means=await last_word(settings) or "what they are worth cannot be counted",
            do="see its web site",
        )
        unsaid = row_of(_CREDITS, error)
        return [unsaid, unchecked(_SCHEDULE, unsaid)]
    wanted = sports_of(settings, profile)
    seasons = [season for sport, season in wanted.items() if sport in standing.sports]
    plan = Plan.of(told.remaining, told.used, cost=len(seasons) * COST, at=told.at)
    leagues = list(dict.fromkeys(season.league for season in seasons))
    return examine(
        [
            (_CREDITS, lambda: answers.credits_left(plan, leagues)),
            (_SCHEDULE, lambda: answers.schedule(plan)),
        ]
    )
