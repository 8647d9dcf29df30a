"""The audit in which every fault ends: the ledger against what the provider really took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from alerts.delivery import reference as references
from alerts.delivery.models import DeliveryState as S
from alerts.delivery.tally import tally
from alerts.lifecycle.models import Alert
from config.bench.stage import Stage
from registry.database import scoped

REACHABLE = text("""
    SELECT DISTINCT contact_point_id FROM reach
    WHERE channel = 'sms' AND country = :country AND state = 'active' AND organisation_id = :organisation
      AND coalesce(starts, '-infinity') <= now() + interval '14 hours'
      AND coalesce(ends, 'infinity') >= CAST(now() AS date) - 7
""")
LEDGER = text("SELECT contact_point_id, state, resent FROM deliveries WHERE alert_id = :alert")
TERMINAL = frozenset(state.word for state in S) - {"pending", "claimed"}


@dataclass(frozen=True, slots=True)
class Audit:
    """What an alert came to. All counts are of contact points."""

    reachable: int
    """Whom it had to reach, counted before it was approved."""
    taken: int
    """To whom the provider took a message."""
    lost: int
    """Reachable, and nothing taken."""
    doubled: int
    """One message of whom was taken more than once."""
    unknown: int
    """To whom a message was taken that the ledger doesn't know of."""
    unbalanced: int
    """How far what was planned is from what has come to rest and what has not."""
    uncertain: int
    failed: int
    """By the ledger's own word."""

    @property
    def sound(self) -> bool:
        """Nothing lost, doubled or missing."""
        return not (self.lost or self.doubled or self.unknown or self.unbalanced or self.failed)


def reachable(stage: Stage, country: str) -> set[int]:
    """The contact points that an alert by SMS to a country must reach."""
    with scoped(stage.organisation.id) as session:
        values = {"country": country, "organisation": stage.organisation.id}
        return set(session.scalars(REACHABLE, values))


def audit(stage: Stage, alert: Alert, expected: set[int], callbacks: Iterable[str | None]) -> Audit:
    """Compare. `callbacks` are the receipts addresses of all messages that the provider took: each names a delivery."""
    key = stage.process.keyring.signing_key
    messages = Counter(
        found
        for address in callbacks
        if (found := references.read(key, (address or "").partition("#")[0].rpartition("/")[2]))
        and found.number == alert.id
    )
    taken = {message.contact_point_id for message in messages}
    with scoped(stage.organisation.id) as session:
        rows = {row.contact_point_id: row for row in session.execute(LEDGER, {"alert": alert.id})}
        counts = tally(session, session.get_one(Alert, alert.id))["sms"]
    states = Counter(S(row.state) for row in rows.values())
    known = {
        message.contact_point_id
        for message in messages
        if (row := rows.get(message.contact_point_id))
        and (row.resent > message.resent or S.UNCERTAIN <= row.state <= S.DELIVERED)
    }
    settled = sum(number for word, number in counts.items() if word in TERMINAL)
    return Audit(
        len(expected),
        len(taken),
        len(expected - taken),
        len({message.contact_point_id for message, times in messages.items() if times > 1}),
        len(taken - known),
        abs(len(rows) - settled - counts["pending"] - counts["claimed"])
        + abs(sum(counts.values()) - len(rows)),
        states[S.UNCERTAIN],
        states[S.FAILED],
    )
