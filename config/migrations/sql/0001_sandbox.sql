-- Messages that the sandbox keeps go with the contact point: an erased person leaves nothing, here as anywhere.

CREATE FUNCTION sandbox_after_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sandbox_messages m USING stale s
        WHERE m.organisation_id = s.organisation_id AND m.address_index = s.address_index;
    RETURN NULL;
END $$;

CREATE TRIGGER sandbox_delete AFTER DELETE ON contact_points REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION sandbox_after_delete();
