-- Keeps `reach` true: one row for each contact point and stay of a person, rewritten whenever either, or the person,
-- changes. In triggers and not in the application, because a forgotten call would leave somebody out of an audience.

-- Planned anew on each call: a plan kept from when the tables were small reads them whole, ten times as slow in a
-- long import.
CREATE FUNCTION reach_refresh(ids bigint[]) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF ids IS NULL THEN
        RETURN;
    END IF;
    -- Two changes of one person wait for each other here, or the later one would not see the earlier one's rows.
    PERFORM 1 FROM people WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM reach WHERE person_id = ANY (ids);
    INSERT INTO reach (contact_point_id, stay_id, person_id, organisation_id, channel, state, country, subdivision,
                       language, nationality, kind, quiet, sole, heads, starts, ends)
    SELECT c.id, s.id, p.id, p.organisation_id, c.channel,
           CASE WHEN p.paused AND c.state = 'active' THEN 'paused' ELSE c.state END,
           s.country, s.subdivision, p.language, p.nationality, p.kind, p.quiet,
           count(*) OVER (PARTITION BY c.id) = 1,
           (row_number() OVER (PARTITION BY s.id ORDER BY c.state = 'active' DESC, c.id) = 1)::int
           + (row_number() OVER (PARTITION BY s.id, c.channel ORDER BY c.state = 'active' DESC, c.id) = 1)::int,
           s.starts, s.ends
    FROM people p
    JOIN contact_points c ON c.person_id = p.id
    JOIN stays s ON s.person_id = p.id
    WHERE p.id = ANY (ids);
END $$;

CREATE FUNCTION reach_after_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reach_refresh((SELECT array_agg(DISTINCT person_id) FROM fresh));
    RETURN NULL;
END $$;

CREATE FUNCTION reach_after_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reach_refresh((SELECT array_agg(DISTINCT person_id) FROM stale));
    RETURN NULL;
END $$;

CREATE FUNCTION reach_after_contact_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reach_refresh((
        SELECT array_agg(DISTINCT f.person_id) FROM fresh f JOIN stale s USING (id)
        WHERE (f.state, f.channel, f.person_id) IS DISTINCT FROM (s.state, s.channel, s.person_id)));
    RETURN NULL;
END $$;

CREATE FUNCTION reach_after_stay_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reach_refresh((
        SELECT array_agg(DISTINCT f.person_id) FROM fresh f JOIN stale s USING (id)
        WHERE (f.country, f.subdivision, f.starts, f.ends) IS DISTINCT FROM (s.country, s.subdivision, s.starts, s.ends)));
    RETURN NULL;
END $$;

CREATE FUNCTION reach_after_person_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM reach_refresh((
        SELECT array_agg(f.id) FROM fresh f JOIN stale s USING (id)
        WHERE (f.language, f.nationality, f.kind, f.quiet, f.paused)
              IS DISTINCT FROM (s.language, s.nationality, s.kind, s.quiet, s.paused)));
    RETURN NULL;
END $$;

CREATE TRIGGER reach_insert AFTER INSERT ON contact_points REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION reach_after_insert();
CREATE TRIGGER reach_insert AFTER INSERT ON stays REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION reach_after_insert();
CREATE TRIGGER reach_delete AFTER DELETE ON contact_points REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION reach_after_delete();
CREATE TRIGGER reach_delete AFTER DELETE ON stays REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION reach_after_delete();
CREATE TRIGGER reach_update AFTER UPDATE ON contact_points REFERENCING NEW TABLE AS fresh OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION reach_after_contact_update();
CREATE TRIGGER reach_update AFTER UPDATE ON stays REFERENCING NEW TABLE AS fresh OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION reach_after_stay_update();
CREATE TRIGGER reach_update AFTER UPDATE ON people REFERENCING NEW TABLE AS fresh OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION reach_after_person_update();
