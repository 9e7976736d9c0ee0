"""What is given for servers says commands that exist, and the specification's names."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from karb.cli.main import app
from karb.config.settings import Settings

TOP = Path(__file__).resolve().parents[2]
UNITS = sorted((TOP / "deploy" / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((TOP / "compose.yaml").read_text())
NAMED = {"arb-ws-consumer", "arb-odds-ingest", "arb-postgres", "arb-redis", "arb-questdb"}
OURS = {name: each for name, each in COMPOSE["services"].items() if each["image"] == "karb"}


def understood(words: list[str]) -> bool:
    """Whether karb's command line takes these words; nothing is run."""
    command: Any = typer.main.get_command(app)
    with command.make_context("karb", list(words)) as context:
        name, inner, rest = command.resolve_command(context, context._protected_args + context.args)
        assert inner is not None, name
        with inner.make_context(name, rest, parent=context):
            return True


def test_the_services_of_the_specification_are_all_there() -> None:
    assert set(COMPOSE["services"]) >= NAMED


@pytest.mark.parametrize("name", OURS)
def test_compose_runs_commands_that_exist(name: str) -> None:
    assert understood(OURS[name]["command"])
    assert understood(OURS[name]["healthcheck"]["test"][2:])


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_service_says_how_its_health_is_checked(name: str) -> None:
    assert COMPOSE["services"][name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", OURS)
def test_compose_sets_only_variables_that_karb_reads(name: str) -> None:
    assert {key.lower() for key in OURS[name]["environment"]} <= Settings.model_fields.keys()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_run_commands_that_exist(unit: Path) -> None:
    lines = [line.partition("=") for line in unit.read_text().splitlines()]
    commands = [value for name, _, value in lines if name in ("ExecStart", "ExecStop")]
    assert commands
    for command in commands:
        program, *words = shlex.split(command)
        assert Path(program).name == "karb"
        assert understood(words)


@pytest.mark.parametrize("timer", sorted((TOP / "deploy" / "systemd").glob("*.timer")))
def test_every_timer_has_its_service(timer: Path) -> None:
    assert timer.with_suffix(".service") in UNITS


def test_no_port_is_open_to_the_network() -> None:
    ports = [port for each in COMPOSE["services"].values() for port in each.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
