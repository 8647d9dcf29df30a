"""A plausible, clearly fictitious registry, for demonstrations, load and tests."""

from registry.demo.filling import fill

__all__ = ["fill"]
