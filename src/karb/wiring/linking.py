"""Linking with the tables that ship with karb."""

from karb.config.teams import team_tables
from karb.domain.linking.links import NoLink
from karb.domain.linking.match import Linker
from karb.tasks.proposals import with_proposals


def linker() -> Linker:
    """The linker that everything in karb uses."""
    return Linker(team_tables())


def propose(answer: NoLink) -> NoLink:
    """The same answer with the nearest known names, for a person."""
    return with_proposals(answer, team_tables())
