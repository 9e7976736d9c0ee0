"""Servers of karb's own, private to one user, so that nothing has to be set up."""
