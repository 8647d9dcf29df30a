"""Posts, and the countries they serve."""

from __future__ import annotations

import pytest

from registry.crypto import Keyring
from registry.database import unscoped
from registry.errors import Invalid, NotFound
from registry.organisations.services import create_organisation, serving
from registry.posts import services as posts


def test_a_post_opens_changes_and_closes(database: str, keyring: Keyring) -> None:
    with unscoped() as session:
        body = create_organisation(session, keyring, "Aid Society")
        other = create_organisation(session, keyring, "Other Society")
        body.worldwide = other.worldwide = False
        post = posts.create_post(session, keyring, body, " Beirut  office ", ["Lebanon", "SY", "lb"])
        assert post.name == "Beirut office"
        assert [row.country for row in post.countries] == ["LB", "SY"]
        posts.change_post(session, post, "Beirut office", ["LB", "JO"])
        assert [row.country for row in posts.get_post(session, body.id, str(post.public_id)).countries] == [
            "LB",
            "JO",
        ]
        with pytest.raises(NotFound):
            posts.get_post(session, other.id, post.public_id)
        with pytest.raises(Invalid, match=r"name: there is a post.*countries: is not"):
            posts.create_post(session, keyring, body, "Beirut office", ["Freedonia"])
        with pytest.raises(Invalid, match=r"name: must have.*countries: name at least"):
            posts.create_post(session, keyring, body, "  ", [])
        assert serving(session, "JO") == [body]
        posts.close_post(session, post)
        assert serving(session, "JO") == []
        assert posts.list_posts(session, body.id) == []
        assert posts.list_posts(session, body.id, closed=True) == [post]
        posts.reopen_post(session, post)
        assert posts.find_post(session, body.id, "Beirut office") is post
