"""PostgreSQL and Valkey as child processes, so that Rollcall runs on a machine that has neither."""

from config.embedded.errors import EmbeddedError
from config.embedded.services import Embedded, Services, services
from config.embedded.valkey import kombu_url

__all__ = ["Embedded", "EmbeddedError", "Services", "kombu_url", "services"]
