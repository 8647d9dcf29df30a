-- The application acts as rollcall_app, which owns nothing; forced row-level security binds the owner as well.

DO $$
BEGIN
    CREATE ROLE rollcall_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- another database of this cluster has made it
END $$;

DO $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
       AND NOT pg_has_role(current_user, 'rollcall_app',
                           CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
    THEN
        EXECUTE format('GRANT rollcall_app TO %I', current_user);
    END IF;
END $$;

GRANT USAGE ON SCHEMA public TO rollcall_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO rollcall_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO rollcall_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO rollcall_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO rollcall_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM rollcall_app;
REVOKE UPDATE, DELETE ON audit_entries FROM rollcall_app;

-- Unset scope means no row at all. The sub-select makes the planner read the setting once and not for each row.
DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'people', 'person_keys', 'contact_points', 'stays', 'reach', 'contact_codes', 'notices',
        'imports', 'import_rows', 'import_addresses', 'idempotent_answers', 'audit_entries',
        'alerts', 'deliveries', 'replies', 'checkins', 'cases', 'sandbox_messages'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY organisation ON %I USING (organisation_id = ANY ('
            '(SELECT nullif(current_setting(''rollcall.organisations'', true), '''')::bigint[])::bigint[]))', guarded);
    END LOOP;
END $$;
