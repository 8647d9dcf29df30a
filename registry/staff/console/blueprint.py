"""The blueprint of these pages, and what several of them need."""

from __future__ import annotations

from sqlalchemy.orm import Session

from registry.organisations.models import Post, Role
from registry.organisations.services import parse_roles
from registry.posts.services import get_post, list_posts
from registry.web.console import ORGANISATION, NavItem, console_blueprint, current_officer
from registry.web.forms import Form
from registry.web.language import gettext

ADMINISTRATOR = Role.ADMINISTRATOR
MOST_POSTS = 500

staff_console = console_blueprint(
    "staff",
    __name__,
    nav=(
        NavItem("Officers", "staff.index", (ADMINISTRATOR,), weight=66, group=ORGANISATION),
        NavItem("Posts", "staff.posts", (ADMINISTRATOR,), weight=68, group=ORGANISATION),
    ),
    url_prefix="/console",
    template_folder="templates",
)


def post_choices(session: Session) -> list[tuple[str, str]]:
    """Headquarters and the open posts, for a select."""
    posts = list_posts(session, current_officer().organisation_id, limit=MOST_POSTS)
    return [("", gettext("Headquarters")), *((str(post.public_id), post.name) for post in posts)]


def chosen_post(session: Session, form: Form) -> Post | None:
    """The post of the form, None for headquarters. Raises NotFound for one that isn't there."""
    wanted = form.value("post")
    return get_post(session, current_officer().organisation_id, wanted) if wanted else None


def chosen_roles(form: Form) -> list[Role]:
    """The roles of the form. Raises Invalid."""
    return parse_roles(form.values.getlist("roles"))
