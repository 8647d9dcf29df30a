"""The pages for people: joining, their own page, stopping. Complete without JavaScript, in every language we have."""

from registry.people.pages import (
    confirm,
    contact_codes,
    contacts,
    details,
    home,
    leaving,
    lost,
    own,
    register,
    stay,
)
from registry.people.pages.blueprint import people_pages
from registry.people.pages.stop import people_stop

__all__ = [
    "confirm",
    "contact_codes",
    "contacts",
    "details",
    "home",
    "leaving",
    "lost",
    "own",
    "people_pages",
    "people_stop",
    "register",
    "stay",
]
