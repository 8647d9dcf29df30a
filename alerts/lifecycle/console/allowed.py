"""Which of the legal moves an officer may make, by their roles."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from alerts.lifecycle.authority import ready_text
from alerts.lifecycle.console.blueprint import APPROVERS, AUTHORS, STEERERS
from alerts.lifecycle.models import Alert
from alerts.lifecycle.moves import Move, can
from registry.organisations.models import Officer, Role

WHO: Final = MappingProxyType(
    {
        Move.EDIT: AUTHORS,
        Move.SUBMIT: AUTHORS,
        Move.APPROVE: APPROVERS,
        Move.BREAK_GLASS: APPROVERS,
        Move.RETURN: APPROVERS,
        Move.PAUSE: STEERERS,
        Move.RESUME: STEERERS,
        Move.CANCEL: STEERERS,
    }
)


def allowed(alert: Alert, officer: Officer, *, begun: bool, beyond: bool) -> frozenset[str]:
    """The words of the moves to offer as buttons: to its author to send it alone, to others to approve it; none to an
    officer whose post does not serve its area."""
    if beyond:
        return frozenset()
    return frozenset(
        move.value
        for move, roles in WHO.items()
        if _may(officer, roles)
        and can(alert.state, move, begun=begun)
        and not (move is Move.APPROVE and alert.author_id == officer.id)
        and not (move is Move.BREAK_GLASS and (alert.author_id != officer.id or ready_text(alert) is None))
    )


def _may(officer: Officer, roles: tuple[Role, ...]) -> bool:
    return not {role.value for role in roles}.isdisjoint(officer.roles)
