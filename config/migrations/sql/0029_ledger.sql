-- One partition of the ledger for each alert: its end is a DROP and not a DELETE of a million rows.
--
-- The service owns nothing, so it asks for partitions by two functions that run as the owner. They show nothing to who
-- calls them: one adds an empty partition for an alert that exists, the other drops that of an alert long over.

-- Attached and not created in place, and locked like this, it waits for no sender, and no sender for it.
CREATE FUNCTION open_ledger(alert bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    part text := 'deliveries_' || alert;
BEGIN
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    LOCK TABLE public.deliveries IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass('public.' || part) IS NOT NULL OR NOT EXISTS (SELECT FROM public.alerts WHERE id = alert) THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.deliveries INCLUDING DEFAULTS) WITH (fillfactor = 50, '
        'autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)', part);
    EXECUTE format('REVOKE ALL ON public.%I FROM rollcall_app', part);
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', part);
    EXECUTE format(
        'CREATE POLICY organisation ON public.%I USING (organisation_id = ANY ('
        '(SELECT nullif(current_setting(''rollcall.organisations'', true), '''')::bigint[])::bigint[]))', part);
    EXECUTE format('ALTER TABLE public.deliveries ATTACH PARTITION public.%I FOR VALUES IN (%s)', part, alert);
END $$;

-- False while senders are in its way for longer than a moment: another time, then.
CREATE FUNCTION drop_ledger(alert bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '300ms' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.alerts WHERE id = alert AND state IN ('sent', 'cancelled', 'expired')
        AND greatest(expires_at, finished_at) < now() - interval '1 day') THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS public.%I', 'deliveries_' || alert);
    RETURN true;
EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
    RETURN false;
END $$;

REVOKE ALL ON FUNCTION open_ledger(bigint), drop_ledger(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_ledger(bigint), drop_ledger(bigint) TO rollcall_app;
