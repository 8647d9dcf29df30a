"""Posts: embassies, consulates and offices, with the host countries they serve."""
