"""Custody: the keys of organisations and posts, as they are stored, rotated, shredded and restored."""
