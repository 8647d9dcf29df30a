"""Learning how fast a provider really takes messages, for the time that a preview shows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

LEAST = 100
"""Messages; a smaller alert tells nothing about a pace."""

_LEARN = text("""
    INSERT INTO providers (name, failures, rate)
    SELECT :provider, 0, sum(b.accepted + b.sent + b.delivered + b.failed)
                         / greatest(extract(epoch FROM a.finished_at - a.first_sent_at), 0.5)
    FROM alerts a JOIN batches b ON b.alert_id = a.id
    WHERE a.finished_at > now() - interval '1 minute' AND a.first_sent_at IS NOT NULL AND b.channel = :channel
    GROUP BY a.id
    HAVING sum(b.accepted + b.sent + b.delivered + b.failed) >= :least
    ORDER BY a.finished_at DESC LIMIT 1
    ON CONFLICT (name) DO UPDATE SET rate = excluded.rate
""")


def learn_rates(session: Session, providers: Mapping[str, str]) -> None:
    """Note the messages a second of the alert that has just ended, for each channel's provider."""
    for channel, provider in providers.items():
        session.execute(_LEARN, {"provider": provider, "channel": channel, "least": LEAST})
