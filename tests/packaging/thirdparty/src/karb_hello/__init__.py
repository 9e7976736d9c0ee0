"""Commands for karb from outside."""
