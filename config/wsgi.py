"""The application as a WSGI server loads it: one runtime for the life of the process."""

from __future__ import annotations

from contextlib import ExitStack

from config.app import create_app
from config.logs import configure_logs
from config.runtime import runtime

_stack = ExitStack()
_process = _stack.enter_context(runtime(pool_size=16, statement_timeout=15))
configure_logs(_process.settings.log_level)
app = create_app(_process)
