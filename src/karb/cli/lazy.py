"""The command group that imports a command only when it is run.

A module in `karb.commands` is a command; its file name is the command's name and the first
line of its docstring the summary, read from the source without importing it. Commands of
other packages come by the entry-point group `karb.commands` and are looked up second, so
none can take the place of `breaker`. `importlib.metadata` costs 20 ms, which only a name
that is not built in pays.
"""

import ast
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from karb.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PACKAGE = "karb.commands"
ENTRY_POINTS = "karb.commands"


def builtin(name: str) -> str | None:
    """The module of a built-in command, or None."""
    if not name.replace("-", "_").isidentifier():
        return None
    module = f"{PACKAGE}.{name.replace('-', '_')}"
    return module if find_spec(module) else None


def plugins() -> "dict[str, EntryPoint]":
    """Commands that other installed packages bring."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}


def names() -> dict[str, str]:
    """Every command and the module that holds it; the built-in ones win."""
    found = {name: point.module for name, point in plugins().items()}
    package = import_module(PACKAGE)
    for module in iter_modules(package.__path__):
        if not module.name.startswith("_"):
            found[module.name.replace("_", "-")] = f"{PACKAGE}.{module.name}"
    return dict(sorted(found.items()))


def summary(module: str) -> str:
    """The first line of a module's docstring, without importing the module."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        return "(not installed correctly)"
    loader: Any = spec.loader if spec else None
    source = loader.get_source(module) if loader else None
    doc = ast.get_docstring(ast.parse(source)) if source else None
    return doc.splitlines()[0] if doc else ""


class LazyGroup(TyperGroup):
    """A Typer group whose commands are found by name and imported when run."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names for help and completion."""
        del ctx
        return list(names())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command, or say which names come near."""
        if module := builtin(cmd_name):
            app = import_module(module).app
        elif point := plugins().get(cmd_name):
            app = _load(point)
        elif ctx.resilient_parsing or cmd_name.startswith("-"):
            return None
        else:
            near = get_close_matches(cmd_name, names())
            hint = f"did you mean {' or '.join(near)}?" if near else "karb --help lists them"
            raise UsageError(f"there is no command {cmd_name!r}", do=hint)
        # Plain help, whatever the module says: Rich's costs 90 ms and breaks lines for scripts.
        app.rich_markup_mode = None
        command: Any = typer.main.get_command(app)
        command.name = cmd_name
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write help from summaries alone: no command is imported for it."""
        stubs: Mapping[str, Any] = {
            name: TyperCommand(name=name, help=summary(module), rich_markup_mode=None)
            for name, module in names().items()
        }
        TyperGroup(
            name=self.name,
            help=self.help,
            params=self.params,
            epilog=self.epilog,
            commands=dict(stubs),
            rich_markup_mode=None,
        ).format_help(ctx, formatter)


def _load(point: "EntryPoint") -> typer.Typer:
    """Import a third-party command; a broken one is named, with its package."""
    package = point.dist.name if point.dist else "an installed package"
    try:
        app = point.load()
        if isinstance(app, typer.Typer):
            return app
        problem = f"{point.value} is not a Typer app"
    except (ImportError, AttributeError) as error:
        problem = str(error)
    raise UsageError(
        f"the command {point.name!r} of {package} cannot be loaded: {problem}",
        means="karb's own commands are not affected",
        do=f"reinstall or remove {package}",
    )
