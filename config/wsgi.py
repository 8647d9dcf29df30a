"""The application as a WSGI server loads it: one runtime for the life of the process."""

from __future__ import annotations

from contextlib import ExitStack

from config.app import create_app
from config.runtime import runtime

_stack = ExitStack()
_process = _stack.enter_context(runtime(pool_size=16, statement_timeout=15))
_process.start_logs()
app = create_app(_process)
proxies = _process.settings.trusted_proxies
