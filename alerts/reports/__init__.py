"""What became of an alert, in counts: curves while it goes out, and the report after it."""
