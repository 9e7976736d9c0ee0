"""What is given for servers says commands that exist, and the specification's names."""

import shlex
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from dotenv import dotenv_values

from karb.cli.main import app
from karb.config.durations import parse_duration
from karb.config.settings import Settings
from karb.domain.market.leagues import League
from karb.domain.units import HOUR

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


@pytest.mark.parametrize("name", OURS)
def test_what_karb_keeps_is_kept_where_the_container_can_write(name: str) -> None:
    """The example's settings, copied to .env as it says, are for karb without Docker."""
    service = OURS[name]
    given = dotenv_values(TOP / ".env.example") | service["environment"]
    places = [volume.split(":")[1] for volume in service["volumes"] if not volume.endswith(":ro")]
    assert service["read_only"]
    assert given["KARB_DATA_DIR"] in places


@pytest.mark.parametrize("secret", [".env", "keys", "*.pem"])
def test_no_secret_is_sent_to_whoever_builds_the_image(secret: str) -> None:
    ignored = (TOP / ".dockerignore").read_text().splitlines()
    assert f"**/{secret}" in ignored


def test_odds_are_asked_for_as_often_as_a_free_key_lasts() -> None:
    """Six leagues in season, a month of 31 days, 500 credits."""
    command = OURS["arb-odds-ingest"]["command"]
    compose = command[command.index("--every") + 1].removeprefix("${ODDS_EVERY:-").removesuffix("}")
    timer = (TOP / "deploy" / "systemd" / "karb-ingest-odds.timer").read_text()
    systemd = timer.partition("OnUnitActiveSec=")[2].split()[0]
    for every in map(parse_duration, (compose, systemd)):
        assert ceil(31 * 24 * HOUR / every) * len(League) <= 500


def test_stores_of_which_one_is_away_go_on() -> None:
    """`services start` ends with 8 then; a failed unit would take the other two down."""
    unit = (TOP / "deploy" / "systemd" / "karb-stores.service").read_text()
    assert "SuccessExitStatus=7 8" in unit.splitlines()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_name_only_units_that_a_user_has(unit: Path) -> None:
    """A user's manager knows no network-online.target and would pass over the line."""
    lines = [line.partition("=") for line in unit.read_text().splitlines()]
    named = {
        each for name, _, value in lines if name in ("Wants", "After") for each in value.split()
    }
    assert named <= {unit.name for unit in UNITS}
