"""The nearest known names for a name that no alias table has, for a person to accept.

Fuzzy scores never link. On real names no threshold separates right from wrong: `Kansas`
scores 100 against Arkansas, and `Miami (FL)` as high against Miami (OH) as against the
right team. What they are good for is to spare a person the search.
"""

from collections.abc import Mapping

import msgspec
from rapidfuzz import fuzz, process

from karb.domain.linking.links import NoLink
from karb.domain.linking.teams import TeamTable, normalize
from karb.domain.market.leagues import League

COUNT = 3
WORTH_SHOWING = 60.0


def with_proposals(answer: NoLink, tables: Mapping[League, TeamTable]) -> NoLink:
    """The same answer with up to three teams that its unknown name may mean, best first."""
    table = tables.get(answer.league) if answer.league is not None else None
    if table is None or not answer.unknown:
        return answer
    owners = {name: team.name for team in table.teams for name in team.names}
    scored = process.extract(
        answer.unknown,
        list(owners),
        scorer=fuzz.token_sort_ratio,
        processor=normalize,
        score_cutoff=WORTH_SHOWING,
        limit=COUNT * 4,
    )
    near = dict.fromkeys(owners[name] for name, _, _ in scored)
    return msgspec.structs.replace(answer, proposals=tuple(near)[:COUNT])
