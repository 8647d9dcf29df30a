"""The console's part for answers."""

from __future__ import annotations

from datetime import datetime

from alerts.conversation.needs import CODES
from alerts.conversation.texts import need_label
from registry.organisations.models import Role
from registry.web.console import NavItem, console_blueprint
from registry.web.formats import moment
from registry.web.language import current_language, gettext

CASE_WORKERS = (Role.CASE_WORKER,)
COUNTERS = (Role.AUTHOR, Role.APPROVER, Role.CASE_WORKER)
"""Who may see which people are safe."""

blueprint = console_blueprint(
    "responses",
    __name__,
    nav=(NavItem("Cases", "responses.cases", CASE_WORKERS, weight=30),),
    url_prefix="/console",
    template_folder="templates",
)


@blueprint.app_template_filter("need")
def need_in_words(word: str) -> str:
    """A need in the language of the page; an officer's own word as it is."""
    if word == "not said":
        return gettext("Not said")
    label = need_label(current_language(), CODES[word]) if word in CODES else word.replace("_", " ")
    return label[:1].upper() + label[1:]


@blueprint.app_template_filter("kept_moment")
def kept_moment(value: str) -> str:
    """A moment as a case's log keeps it (ISO 8601), in the language of the page."""
    return moment(datetime.fromisoformat(value))
