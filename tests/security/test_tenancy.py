"""The database's own wall between organisations, table by table."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from config.database import APP_ROLE, make_engine
from config.migrate import migrate
from config.roles import may_serve, owns_tables
from registry.crypto import Keyring
from registry.database import Session, scoped, unscoped
from tests.conftest import run_sql
from tests.security.world import make_side

OPEN = {
    "alembic_version": "the shape of the database; the application may only read it",
    "organisations": "who there is, for people who join; the key in it is wrapped by the master key",
    "posts": "where organisations have offices, for people who join; nothing of a person",
    "post_countries": "as posts",
    "officers": "found by address before anybody has signed in; no person of the registry is in it",
    "officer_sessions": "found by digest before it is known whose it is; no person of the registry is in it",
    "authenticator_apps": "as officer_sessions; the secret is sealed under the organisation's key",
    "known_browsers": "as officer_sessions; digests",
    "passkeys": "as officer_sessions; public keys",
    "recovery_codes": "as officer_sessions; hashes",
    "api_keys": "as officer_sessions",
    "attempts": "keyed digests and counts, of no organisation",
    "security_events": "as attempts",
    "dialogues": "keyed digests and the question last put; whoever is about to join belongs to no organisation yet",
    "inquiries": "who asks for a relative, for half an hour, sealed under the master key; of no organisation",
    "batches": "ranges of numbers and counts, which the dispatcher takes across organisations; no person, no message",
    "stored_keys": "wrapped keys, which a keyring opens before there is a scope; they open nothing by themselves",
    "capital_keys": "public keys, to which copies of posts' keys are sealed",
    "rewraps": "how far a rotation of keys has come; numbers only",
    "canaries": "whether somebody works at each queue; of no organisation",
    "providers": "the pace and the breakers of what all send by",
}
"""Tables without row-level security, each with the reason. A new table needs a policy, or a line and a good reason."""
OWNERS = ["drop_ledger", "open_ledger"]
"""Functions with their owner's rights: they add and drop partitions of the ledger, and show nothing."""
ANYBODYS = "found_by_digest"
"""The one policy that doesn't ask for the scope: whoever knows a link's digest may read the row, and no more."""


def rows(session: Session, statement: str, **values: object) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(text(statement), values)]


def test_every_table_is_behind_row_level_security_or_has_a_reason(database: str) -> None:
    with unscoped() as session:
        tables = rows(
            session,
            "SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
        )
        policies = rows(session, "SELECT tablename, policyname, qual, cmd FROM pg_policies")
        others = rows(
            session,
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f') "
            "UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef",
        )
    bare = sorted(name for name, guarded in tables if not guarded)
    new = [name for name in bare if name not in OPEN]
    assert not new, (
        f"{new}: force row-level security on them, as 0001_tenancy.sql does, or give a reason in OPEN"
    )
    assert bare == sorted(OPEN), "a reason in OPEN is out of date"
    scoped_tables = {
        name for name, _, qual, cmd in policies if "rollcall.organisations" in str(qual) and cmd == "ALL"
    }
    assert scoped_tables == {name for name, guarded in tables if guarded}
    wide = [row for row in policies if "rollcall.organisations" not in str(row[2])]
    assert [(row[0], row[1], row[3]) for row in wide] == [("person_links", ANYBODYS, "SELECT")]
    assert sorted(name for (name,) in others) == sorted(OWNERS), (
        "a view or a SECURITY DEFINER function would read with its owner's rights"
    )


def test_the_role_of_the_application_owns_nothing_and_bypasses_nothing(database: str) -> None:
    with unscoped() as session:
        assert rows(session, "SELECT current_user") == [(APP_ROLE,)]
        rights = rows(
            session,
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin FROM pg_roles "
            "WHERE rolname = current_user",
        )
        assert rights == [(False,) * 6]
        owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        assert rows(session, owned) == [(0,)]
        assert rows(session, "SELECT count(*) FROM pg_proc WHERE proowner = current_user::regrole") == [(0,)]
        assert rows(session, "SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
        assert rows(session, "SELECT has_database_privilege(current_database(), 'CREATE')") == [(False,)]
        dangerous = rows(
            session,
            "SELECT relname, right_ FROM pg_class, unnest(ARRAY['TRUNCATE', 'TRIGGER', 'REFERENCES']) AS right_ "
            "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege(oid, right_)",
        )
        assert dangerous == []
        for table, right in (
            ("audit_entries", "UPDATE"),
            ("audit_entries", "DELETE"),
            ("alembic_version", "INSERT"),
            ("alembic_version", "UPDATE"),
        ):
            held = rows(session, "SELECT has_table_privilege(:name, :right)", name=table, right=right)
            assert held == [(False,)], (table, right)
        assert rows(session, "SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole") == [
            (0,)
        ]


def test_a_transaction_sees_and_writes_its_own_organisations_rows_only(
    database: str, keyring: Keyring
) -> None:
    mine, theirs = make_side(keyring, "Consulate of Freedonia"), make_side(keyring, "Embassy of Sylvania")
    with scoped(mine.organisation_id, theirs.organisation_id) as session:
        named = [str(row[0]) for row in rows(session, "SELECT tablename FROM pg_policies WHERE cmd = 'ALL'")]
        guarded = [table for table in named if not table.startswith("deliveries_")]
        filled = {table for table in guarded if rows(session, f"SELECT 1 FROM {table} LIMIT 1")}
    for part in set(named) - set(guarded):  # of the ledger, which is reached as a whole only
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            scoped(mine.organisation_id) as session,
        ):
            session.execute(text(f"SELECT FROM {part}"))
    assert {"people", "contact_points", "stays", "alerts", "cases", "import_rows", "audit_entries"} <= filled
    with unscoped() as session:
        seen = [table for table in guarded if rows(session, f"SELECT 1 FROM {table} LIMIT 1")]
    assert seen == ["person_links"], "without a scope there is nothing but what a digest finds"
    with scoped(mine.organisation_id) as session:
        for table in sorted(
            filled - {"person_links", "agreements", "referrals"}  # the latter are both sides'
        ):
            whose = rows(session, f"SELECT DISTINCT organisation_id FROM {table}")
            assert whose in ([(mine.organisation_id,)], []), table
        assert session.execute(text("DELETE FROM person_links")).rowcount == 1  # type: ignore[attr-defined]
        assert session.execute(text("UPDATE cases SET need = 'x'")).rowcount == 1  # type: ignore[attr-defined]
    for statement in (
        "UPDATE people SET organisation_id = :other",
        "INSERT INTO person_links (digest, organisation_id, person_id, expires_at) "
        "SELECT 'x', :other, id, now() FROM people",
        "INSERT INTO received_receipts (organisation_id, alert_id, channel, contact_point_id, state) "
        "VALUES (:other, 1, 'sms', 1, 3)",
    ):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            scoped(mine.organisation_id) as session,
        ):
            session.execute(text(statement), {"other": theirs.organisation_id})


def test_whoever_signs_in_for_the_service_finds_no_way_around(database: str, keyring: Keyring) -> None:
    mine = make_side(keyring, "Consulate of Freedonia")
    name, password = f"service_{uuid4().hex[:8]}", uuid4().hex
    service = make_url(database).set(username=name, password=password).render_as_string(hide_password=False)
    migrate(database, service)
    migrate(database, service)
    owner, engine = make_engine(database, as_owner=True), make_engine(service, pool_size=1)
    try:
        with owner.connect() as connection:
            assert owns_tables(connection)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT current_user")).scalar_one() == APP_ROLE
            connection.execute(text("RESET ROLE"))
            assert connection.execute(text("SELECT current_user")).scalar_one() == name
            assert may_serve(connection)
            assert not owns_tables(connection)
            assert connection.execute(text("SELECT count(*) FROM people")).scalar_one() == 0
            connection.commit()
            for statement in (
                f'SET ROLE "{make_url(database).username or "rollcall"}"',
                "ALTER TABLE people DISABLE ROW LEVEL SECURITY",
                "DROP POLICY organisation ON people",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
                "UPDATE audit_entries SET action = 'x'",
                "UPDATE alembic_version SET version_num = 'x'",
                "CREATE ROLE helper SUPERUSER",
                "COPY people TO PROGRAM 'cat'",
            ):
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    connection.execute(text(statement))
                connection.rollback()
        with scoped(mine.organisation_id) as session:
            assert rows(session, "SELECT count(*) > 0 FROM people") == [(True,)]
    finally:
        owner.dispose()
        engine.dispose()
        run_sql(database, f'DROP ROLE "{name}"')
