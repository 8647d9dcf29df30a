"""Exports, for programs."""

from registry.exports.api.views import exports_api

__all__ = ["exports_api"]
