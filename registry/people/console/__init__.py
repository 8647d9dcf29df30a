"""Console pages about people: finding, adding, seeing, changing and erasing them."""

from registry.people.console import adding, editing, finding, showing
from registry.people.console.blueprint import people_console

__all__ = ["adding", "editing", "finding", "people_console", "showing"]
