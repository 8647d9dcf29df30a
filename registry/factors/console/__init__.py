"""Console pages about second factors: asking for one, and an officer's own."""

from registry.factors.console.asking import second_step
from registry.factors.console.own import factors_console

__all__ = ["factors_console", "second_step"]
