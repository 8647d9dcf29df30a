"""`rollcall bench faults`: whatever dies, an audit of the ledger against what a provider really took."""
