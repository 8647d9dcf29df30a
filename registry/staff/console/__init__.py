"""Console pages for administrators: officers, posts, requests; and an officer's own keys."""

from registry.staff.console import grants, keys, officers, posts, sign_ins
from registry.staff.console.blueprint import staff_console

__all__ = ["grants", "keys", "officers", "posts", "sign_ins", "staff_console"]
