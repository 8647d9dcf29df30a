"""The table of legal moves, against a table written out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.lifecycle.models import AlertState
from alerts.lifecycle.moves import Move, can, check
from registry.errors import Conflict

LEGAL = """
    draft      edit draft       submit submitted  cancel cancelled   break_glass approved
    submitted  edit draft       return returned   approve approved  cancel cancelled  break_glass approved
    returned   edit draft       submit submitted  cancel cancelled
    approved   edit draft       pause paused      start sending     cancel cancelled  expire expired
    sending    pause paused     finish sent       cancel cancelled  expire expired
    paused     edit draft       resume approved   cancel cancelled  expire expired
    sent
    cancelled
    expired
"""
TABLE = {
    words[0]: dict(zip(words[1::2], words[2::2], strict=True))
    for words in map(str.split, LEGAL.strip().splitlines())
}


@pytest.mark.parametrize("state", AlertState)
@pytest.mark.parametrize("move", Move)
def test_every_move_from_every_state(state: AlertState, move: Move) -> None:
    expected = TABLE[state].get(move)
    if expected:
        assert check(state, move) == expected
        assert can(state, move)
    else:
        with pytest.raises(Conflict) as refused:
            check(state, move)
        assert refused.value.code == "illegal_move"
        assert str(refused.value).startswith("This alert is ")
        assert not can(state, move)


def test_a_paused_alert_that_has_begun_goes_on_and_can_no_longer_be_changed() -> None:
    assert check(AlertState.PAUSED, Move.RESUME, begun=True) is AlertState.SENDING
    assert check(AlertState.PAUSED, Move.CANCEL, begun=True) is AlertState.CANCELLED
    with pytest.raises(Conflict, match="Send an update instead"):
        check(AlertState.PAUSED, Move.EDIT, begun=True)


def test_a_refusal_says_what_to_do_instead() -> None:
    with pytest.raises(Conflict, match=r"This alert is a draft, so it can't be approved\. Submit it first\."):
        check(AlertState.DRAFT, Move.APPROVE)


@given(st.lists(st.sampled_from(Move), max_size=30), st.booleans())
def test_nothing_is_sent_without_an_approval_after_the_last_edit(moves: list[Move], begun: bool) -> None:
    state, approved = AlertState.DRAFT, False
    for move in moves:
        if not can(state, move, begun=begun):
            continue
        state = check(state, move, begun=begun)
        approved = move is not Move.EDIT and (approved or move in (Move.APPROVE, Move.BREAK_GLASS))
        if state in (AlertState.SENDING, AlertState.SENT):
            assert approved


@given(st.lists(st.sampled_from(Move), max_size=30))
def test_an_end_is_an_end(moves: list[Move]) -> None:
    for state in (AlertState.SENT, AlertState.CANCELLED, AlertState.EXPIRED):
        assert not any(can(state, move) for move in moves)
