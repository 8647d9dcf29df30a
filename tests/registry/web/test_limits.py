from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from registry.database import unscoped
from registry.organisations.models import Attempt
from registry.web.limits import allow, network_of, seconds_left

KEY, DAY = bytes(32), timedelta(days=1)


def tries(name: str, key: str, count: int) -> list[bool]:
    found = []
    for _ in range(count):
        with unscoped() as session:
            found.append(allow(session, KEY, name, key, 3, DAY))
    return found


def test_so_many_and_no_more(database: str) -> None:
    assert tries("codes", "+999700123456", 5) == [True, True, True, False, False]


def test_others_and_other_acts_count_for_themselves(database: str) -> None:
    tries("codes", "one", 4)
    assert tries("codes", "two", 1) == [True]
    assert tries("links", "one", 1) == [True]


def test_a_new_window_counts_from_nought(database: str) -> None:
    tries("codes", "one", 4)
    with unscoped() as session:
        session.execute(update(Attempt).values(window_start=Attempt.window_start - DAY))
    assert tries("codes", "one", 1) == [True]


def test_no_address_is_stored_in_clear(database: str) -> None:
    tries("codes", "amal@example.org", 1)
    with unscoped() as session:
        key = session.scalars(select(Attempt.key)).one()
    assert len(key) == 32
    assert b"amal" not in key


def test_the_wait_is_never_longer_than_the_window(database: str) -> None:
    with unscoped() as session:
        assert 0 < seconds_left(session, timedelta(minutes=30)) <= 1800


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::9", "2001:0db8:0001:0002"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_one_household_is_one_client(address: str | None, network: str) -> None:
    assert network_of(address) == network
