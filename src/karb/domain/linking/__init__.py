"""Which market belongs to which game of the odds source, with evidence or a reason."""
