"""Who serves an organisation: its officers and posts, and what a second administrator must confirm."""
