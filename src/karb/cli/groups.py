"""A command with subcommands that does something by itself too."""

from typing import Any

from typer.core import TyperGroup


def group_with(default: str) -> type[TyperGroup]:
    """A group in which `karb group --option` is `karb group DEFAULT --option`."""

    class Group(TyperGroup):
        """Runs its default command where none is named; `--help` is still the group's."""

        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            """Put the default command in its place."""
            if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
                args = [default, *args]
            return super().parse_args(ctx, args)

    return Group
