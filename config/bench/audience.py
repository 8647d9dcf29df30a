"""How long an audience preview takes over a large registry."""

from __future__ import annotations

import statistics
import time

import click
import psycopg

from alerts.audience.services import preview
from alerts.lifecycle.intake import read_alert
from config.bench.stage import Stage
from config.database import libpq_address
from registry.database import scoped

COUNTRY = "LB"
REPEATS = 7

_PEOPLE = """
    INSERT INTO people (public_id, organisation_id, reference, language, source, nationality, quiet, paused)
    SELECT gen_random_uuid(), %(organisation)s, 'B' || n, (ARRAY['en','fr','ar','es','pt'])[1 + n %% 5], 'import',
           (ARRAY['FR','PH','NP','BD'])[1 + n %% 4], n %% 50 = 0, n %% 100 = 0
    FROM generate_series(%(low)s, %(high)s) n
"""
_CONTACTS = """
    INSERT INTO contact_points (organisation_id, person_id, channel, sealed_address, address_index, state)
    SELECT organisation_id, id, CASE WHEN id %% 3 = 0 THEN 'email' ELSE 'sms' END, '\\x00',
           decode(md5(id::text), 'hex'), CASE WHEN id %% 40 = 0 THEN 'opted_out' ELSE 'active' END
    FROM people WHERE id > %(last)s
"""
_STAYS = """
    INSERT INTO stays (organisation_id, person_id, country, subdivision)
    SELECT organisation_id, id, %(country)s, (ARRAY['LB-AS','LB-BA','LB-BH',NULL])[1 + id %% 4]
    FROM people WHERE id > %(last)s
"""
STEP = 100_000


def measure_preview(stage: Stage, people: int) -> tuple[float, float, int]:
    """Median and slowest seconds of a preview over `people` in one country, and the contact points reached."""
    _fill(stage, people)
    intake = read_alert({"area": {"countries": [COUNTRY]}, "channels": ["sms", "email"]}, preview=True)
    times, reached = [], 0
    for _ in range(REPEATS):
        with scoped(stage.organisation.id) as session:
            started = time.perf_counter()
            reached = preview(session, stage.organisation, intake).total
            times.append(time.perf_counter() - started)
    return statistics.median(times), max(times), reached


def _fill(stage: Stage, people: int) -> None:
    """Synthetic rows, whose addresses can't be opened: enough for counting."""
    with (
        psycopg.connect(libpq_address(stage.owner_url), autocommit=True) as connection,
        click.progressbar(range(1, people + 1, STEP), label="Filling the registry", file=None) as lows,
    ):
        connection.execute(
            "SELECT set_config('rollcall.organisations', %s, false)", [f"{{{stage.organisation.id}}}"]
        )
        for low in lows:
            values = {
                "organisation": stage.organisation.id,
                "country": COUNTRY,
                "low": low,
                "high": min(low + STEP - 1, people),
            }
            (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM people").fetchone() or (0,)
            values["last"] = last
            for statement in (_PEOPLE, _CONTACTS, _STAYS):
                connection.execute(statement, values)
        connection.execute("VACUUM (ANALYZE) people, contact_points, stays, reach")
