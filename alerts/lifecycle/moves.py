"""The legal moves of an alert: one table, one check."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from alerts.lifecycle.models import AlertState
from registry.errors import Conflict


class Move(StrEnum):
    """What officers do with an alert, and what the dispatcher does with it."""

    EDIT = "edit"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    BREAK_GLASS = "break_glass"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    START = "start"
    FINISH = "finish"
    EXPIRE = "expire"


_S = AlertState
_UNDER_WAY = (_S.APPROVED, _S.SENDING, _S.PAUSED)

LEGAL: Final = MappingProxyType(
    {
        # An edit voids a submission and an approval. Once sending has begun, there is only an update.
        Move.EDIT: dict.fromkeys((_S.DRAFT, _S.RETURNED, _S.SUBMITTED, _S.APPROVED, _S.PAUSED), _S.DRAFT),
        Move.SUBMIT: {_S.DRAFT: _S.SUBMITTED, _S.RETURNED: _S.SUBMITTED},
        Move.RETURN: {_S.SUBMITTED: _S.RETURNED},
        Move.APPROVE: {_S.SUBMITTED: _S.APPROVED},
        Move.BREAK_GLASS: {_S.DRAFT: _S.APPROVED, _S.SUBMITTED: _S.APPROVED},
        Move.PAUSE: {_S.APPROVED: _S.PAUSED, _S.SENDING: _S.PAUSED},
        Move.RESUME: {_S.PAUSED: _S.APPROVED},
        Move.CANCEL: dict.fromkeys((_S.DRAFT, _S.RETURNED, _S.SUBMITTED, *_UNDER_WAY), _S.CANCELLED),
        Move.START: {_S.APPROVED: _S.SENDING},
        Move.FINISH: {_S.SENDING: _S.SENT},
        Move.EXPIRE: dict.fromkeys(_UNDER_WAY, _S.EXPIRED),
    }
)
"""For each move, the states it may be made from and where it leads. A paused alert of which batches exist
differs: it resumes to sending and can no longer be edited."""

_DONE: Final = {
    Move.EDIT: "changed",
    Move.SUBMIT: "submitted",
    Move.RETURN: "returned",
    Move.APPROVE: "approved",
    Move.BREAK_GLASS: "sent by one officer alone",
    Move.PAUSE: "paused",
    Move.RESUME: "resumed",
    Move.CANCEL: "cancelled",
    Move.START: "started",
    Move.FINISH: "finished",
    Move.EXPIRE: "expired",
}

_HINTS: Final = {
    (_S.DRAFT, Move.APPROVE): "Submit it first.",
    (_S.RETURNED, Move.APPROVE): "Submit it again first.",
    (_S.RETURNED, Move.BREAK_GLASS): "A colleague has returned it: do what they ask for.",
    (_S.SENDING, Move.EDIT): "Send an update instead.",
    (_S.PAUSED, Move.EDIT): "It has begun to go out. Send an update instead.",
    (_S.SENT, Move.EDIT): "Send an update instead.",
    (_S.SENT, Move.CANCEL): "Send a cancel message or an all clear instead.",
    (_S.EXPIRED, Move.CANCEL): "Send a cancel message or an all clear instead.",
}

_NAMES: Final = {_S.DRAFT: "a draft", _S.SENDING: "being sent"}


def check(state: AlertState, move: Move, *, begun: bool = False) -> AlertState:
    """The state that the move leads to. Raises Conflict "illegal_move" with the reason in plain English.

    `begun` says that batches of the alert exist: some of it may be on its way.
    """
    target = LEGAL[move].get(state)
    if state is AlertState.PAUSED and begun:
        target = {Move.RESUME: AlertState.SENDING, Move.EDIT: None}.get(move, target)
    if target is None:
        reason = f"This alert is {_NAMES.get(state, state.value)}, so it can't be {_DONE[move]}."
        raise Conflict("illegal_move", f"{reason} {_HINTS.get((state, move), '')}".strip())
    return target


def can(state: AlertState, move: Move, *, begun: bool = False) -> bool:
    """Whether the move is legal; for showing or hiding a button."""
    try:
        check(state, move, begun=begun)
    except Conflict:
        return False
    return True
