"""Which of the legal moves an officer may make, by their roles."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from alerts.lifecycle.console.blueprint import APPROVERS, AUTHORS, STEERERS
from alerts.lifecycle.models import Alert
from alerts.lifecycle.moves import Move, can
from registry.organisations.models import Officer, Role

WHO: Final = MappingProxyType(
    {
        Move.EDIT: AUTHORS,
        Move.SUBMIT: AUTHORS,
        Move.APPROVE: APPROVERS,
        Move.RETURN: APPROVERS,
        Move.PAUSE: STEERERS,
        Move.RESUME: STEERERS,
        Move.CANCEL: STEERERS,
    }
)


def allowed(alert: Alert, officer: Officer, *, begun: bool) -> frozenset[str]:
    """The words of the moves to offer as buttons; the author is never offered to approve."""
    return frozenset(
        move.value
        for move, roles in WHO.items()
        if _may(officer, roles)
        and can(alert.state, move, begun=begun)
        and not (move is Move.APPROVE and alert.author_id == officer.id)
    )


def _may(officer: Officer, roles: tuple[Role, ...]) -> bool:
    return not {role.value for role in roles}.isdisjoint(officer.roles)
