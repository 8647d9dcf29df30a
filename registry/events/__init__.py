"""Security events: what was refused and may be the trace of an attack, counted by the hour. What concerns a known
officer or key stands in the audit log of their organisation instead."""
