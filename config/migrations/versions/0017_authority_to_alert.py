"""authority to alert"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

RULE = "ck_alerts_sent_only_if_approved"
ON_THE_WAY = "state NOT IN ('approved', 'sending', 'sent')"

# What was approved stays as it was approved: only an edit, which drops the approval, changes it; and an exercise is one
# for ever. An earlier end is allowed: it can only hold messages back.
FIXED = """
CREATE FUNCTION alerts_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.exercise <> OLD.exercise THEN
        RAISE EXCEPTION 'an exercise can never become real, nor the real an exercise'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_alerts_exercise_is_fixed', TABLE = 'alerts';
    END IF;
    IF OLD.snapshot IS NOT NULL AND NEW.snapshot IS NOT NULL AND (
        NEW.expires_at > OLD.expires_at OR
        (NEW.snapshot, NEW.snapshot_digest, NEW.approved_at, NEW.break_glass_reason, NEW.type, NEW.level, NEW.crisis,
         NEW.severity, NEW.area, NEW.filters, NEW.texts, NEW.channels, NEW.next_update_at)
        IS DISTINCT FROM
        (OLD.snapshot, OLD.snapshot_digest, OLD.approved_at, OLD.break_glass_reason, OLD.type, OLD.level, OLD.crisis,
         OLD.severity, OLD.area, OLD.filters, OLD.texts, OLD.channels, OLD.next_update_at)
    ) THEN
        RAISE EXCEPTION 'what was approved can''t be changed without dropping the approval'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_alerts_approved_is_fixed', TABLE = 'alerts';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER alerts_fixed BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION alerts_fixed();
"""

SCOPE = """
    SELECT set_config('rollcall.organisations', (SELECT '{' || string_agg(id::text, ',') || '}' FROM organisations), true)
"""


def upgrade() -> None:
    op.add_column("alerts", sa.Column("break_glass_reason", sa.String(length=1000), nullable=True))
    op.drop_constraint(op.f(RULE), "alerts", type_="check")
    op.create_check_constraint(
        op.f(RULE),
        "alerts",
        f"{ON_THE_WAY} OR (snapshot IS NOT NULL AND (approver_id IS NOT NULL OR break_glass_reason IS NOT NULL))",
    )
    op.execute(SCOPE)
    op.execute("UPDATE alerts SET snapshot = NULL WHERE snapshot = 'null'")  # an edit left JSON's null
    op.execute(FIXED)


def downgrade() -> None:
    op.execute("DROP TRIGGER alerts_fixed ON alerts")
    op.execute("DROP FUNCTION alerts_fixed()")
    op.drop_constraint(op.f(RULE), "alerts", type_="check")
    op.create_check_constraint(
        op.f(RULE), "alerts", f"{ON_THE_WAY} OR (approver_id IS NOT NULL AND snapshot IS NOT NULL)"
    )
    op.drop_column("alerts", "break_glass_reason")
