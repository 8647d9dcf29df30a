"""The application as Granian loads it."""

from __future__ import annotations

from config.edge import MAX_UPLOAD
from config.memory import settle
from config.reception import Reception
from config.wsgi import app, proxies

# Behind a proxy all come from its address.
server = Reception(app, largest=MAX_UPLOAD, of_one=1000 if proxies else 50)
settle()
