"""What all pages are made of, to be looked at while one works on them: `/console/design`, in development only."""

from config.design.views import design

__all__ = ["design"]
