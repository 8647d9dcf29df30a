"""Canaries: a row through each queue that shows whether somebody works there. A worker can live and not consume."""
