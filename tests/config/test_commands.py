"""What commands print, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from config.cli import COMMANDS
from registry.database import unscoped
from registry.events.services import note
from registry.organisations.services import find_officer, find_organisation
from tests.config.conftest import Called

Rollcall = Callable[..., Called]
ADD = ("officer", "add", "--organisation", "Embassy", "--roles", "author, approver", "--email")
KEY = ("key", "add", "--scopes", "people:read,alerts:write", "--officer")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(rollcall: Rollcall, name: str) -> None:
    said = rollcall(name, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Usage: rollcall {name}")


def test_an_officer_and_a_key(rollcall: Rollcall) -> None:
    added = rollcall(*ADD, "ana@example.org")
    assert (added.code, added.out.count("\n")) == (0, 1)
    assert added.err == "Made the organisation Embassy.\nOne-time password of ana@example.org:\n"
    key = rollcall(*KEY, "Ana@example.org")
    assert (key.code, key.err, key.out.count("\n")) == (0, "", 1)
    assert key.out.startswith("rck_")
    for command, known in (("shut-out", False), ("let-in", True)):
        assert rollcall("officer", command, "--email", "ana@example.org").code == 0
        with unscoped() as session:
            assert bool(find_officer(session, "ana@example.org")) is known
        assert "there is no officer" in rollcall("officer", command, "--email", "ana@example.org").err
    again = rollcall(*ADD, "ANA@example.org")
    assert (again.code, again.out) == (1, "")
    assert again.err == "rollcall: email: there is an officer with this address already\n"


def test_what_was_refused_to_strangers(rollcall: Rollcall) -> None:
    with unscoped() as session:
        for _ in range(2):
            note(session, "unknown_key", "people_api.list_people", network=bytes(12), times=3)
    said = rollcall("audit", "events")
    assert (said.code, said.err) == (0, "")
    assert said.out.split()[2:] == ["6", "unknown_key", "people_api.list_people", "0" * 24, "-"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*ADD, "no address"), "email: is not an email address"),
        ((*ADD, "ana@example.org", "--name", "x" * 500), "name: must have at most 120 characters"),
        ((*ADD, "ana@example.org", "--roles", "king"), "roles: 'king' is not one of registrar"),
        ((*ADD, "ana@example.org", "--roles", ","), "roles: name at least one of registrar"),
        ((*ADD, "ana@example.org", "--organisation", " "), "organisation: must have 1 to 120 characters"),
        ((*KEY, "nobody@example.org"), "there is no officer nobody@example.org"),
        ((*KEY, "ana@example.org", "--scopes", "people:reed"), "scopes: 'people:reed' is not one of people"),
        ((*KEY, "ana@example.org", "--scopes", ""), "scopes: name at least one of people:read"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_made(
    rollcall: Rollcall, arguments: tuple[str, ...], words: str
) -> None:
    said = rollcall(*arguments)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"rollcall: {words}")
    assert said.err.count("\n") == 1
    with unscoped() as session:
        assert find_organisation(session, "Embassy") is None
        assert find_officer(session, "ana@example.org") is None


@pytest.mark.parametrize(
    "arguments",
    [("web", "--workers", "0"), ("worker", "--threads", "0"), ("up", "--port", "0"), ("nonsense",)],
)
def test_a_wrong_option_is_named(rollcall: Rollcall, arguments: tuple[str, ...]) -> None:
    said = rollcall(*arguments)
    assert said.code == 2
    assert arguments[-1 if len(arguments) == 1 else -2] in said.err


@pytest.mark.parametrize("command", ["web", "worker", "dispatcher", "migrate", "demo"])
def test_a_database_that_cannot_be_reached_is_one_line(rollcall: Rollcall, command: str) -> None:
    nowhere = {"DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1"}
    said = rollcall(command, **nowhere)
    assert said.code == 1
    assert said.err.startswith("rollcall: ")
    assert said.err.count("\n") == 1
    assert "Connection refused" in said.err
    assert "secret" not in said.out + said.err
