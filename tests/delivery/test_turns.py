"""Whose turn it is to claim, and whose to send."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from workers.turns import Turn, Turns

LONG = 30


class Hand(Thread):
    """A thread with a batch; it goes on when it is told."""

    def __init__(self, turns: Turns) -> None:
        super().__init__(daemon=True)
        self._turns = turns
        self.claims, self.sends, self.done = Event(), Event(), Event()
        self.claimed, self.sent = Event(), Event()
        self.start()

    def run(self) -> None:
        with Turn(self._turns) as turn:
            self.claims.set()
            assert self.claimed.wait(LONG)
            turn.begin()
            self.sends.set()
            assert self.sent.wait(LONG)
            turn.end()
        self.done.set()


def test_one_sends_while_the_next_claims_and_others_wait() -> None:
    turns = Turns(LONG)
    first = Hand(turns)
    assert first.claims.wait(LONG)
    second = Hand(turns)
    assert not second.claims.wait(0.1)
    first.claimed.set()
    assert first.sends.wait(LONG) and second.claims.wait(LONG)
    third = Hand(turns)
    second.claimed.set()
    assert not second.sends.wait(0.1) and not third.claims.is_set()
    first.sent.set()
    assert second.sends.wait(LONG) and third.claims.wait(LONG)
    second.sent.set()
    third.claimed.set()
    third.sent.set()
    assert all(hand.done.wait(LONG) for hand in (first, second, third))
    assert not turns.claiming.locked() and not turns.sending.locked()


def test_nobody_waits_for_ever_and_a_fault_holds_nobody_up() -> None:
    turns = Turns(0.01)
    stuck = Hand(turns)
    stuck.claimed.set()
    assert stuck.sends.wait(LONG)
    with pytest.raises(ZeroDivisionError), Turn(turns) as turn:
        turn.begin()
        raise ZeroDivisionError
    assert turns.sending.locked() and not turns.claiming.locked(), "what another holds stays his"
    stuck.sent.set()
    assert stuck.done.wait(LONG) and not turns.sending.locked()
