"""People, for programs."""

from registry.people.api.views import people_api

__all__ = ["people_api"]
