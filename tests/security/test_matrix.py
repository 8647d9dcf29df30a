"""Every route, by every kind of user: only what `routes.py` says is open, and nobody learns what others hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.crypto import Keyring
from registry.database import unscoped
from registry.organisations import keys as api_keys
from registry.organisations.models import Role, Scope
from registry.organisations.services import find_officer
from registry.web.console import console_blueprint, requires
from tests.desk import PASSWORD, TOKEN
from tests.factors import unused_code
from tests.security.routes import ROUTES, Line
from tests.security.world import ANYTHING, Side, fingerprint, make_side

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WITHOUT_FORM_TOKEN = {"people_stop", "webhooks", "gateway"}
"""Blueprints whose POSTs carry a proof of their own."""
VARYING = re.compile(
    r'[0-9a-f]{8}-[0-9a-f-]{27}|nonce="[^"]*"|name="csrf_token" value="[^"]*"|\b[0-9a-f]{32}\b'
)
"""What two answers about different things may differ in."""
WHOLE: dict[str, dict[str, str]] = {
    "alerts.approve": {"confirm": "yes", "audience": "1"},
    "alerts.break_glass": {"confirm": "yes", "audience": "1", "reason": "Night"},
    "alerts.return_": {"reason": "Not yet."},
    "alerts_api.break_glass_alert": {"reason": "Night", "audience": 1},
    "alerts_api.return_alert": {"reason": "Not yet."},
    "exports.decide": {"answer": "confirm", "expected": "1"},
    "sandbox.answer": {"text": "1"},
}
"""What makes a form, or a body, whole, where an empty one would be refused before anybody looks for the thing."""


@dataclass(frozen=True)
class Route:
    """One method of one endpoint."""

    endpoint: str
    method: str
    arguments: frozenset[str]
    line: Line

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


def routes_of(app: APIFlask, kind: str) -> list[Route]:
    """The routes with lines of a kind, in the order of the table."""
    found = []
    for rule in app.url_map.iter_rules():
        line = ROUTES.get(rule.endpoint)
        if line and line.kind == kind:
            arguments = frozenset(rule.arguments)
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            found += [Route(rule.endpoint, method, arguments, line) for method in sorted(methods)]
    return sorted(found, key=lambda route: (list(ROUTES).index(route.endpoint), route.method))


@dataclass
class Caller:
    """Somebody who calls routes: by a browser's session, by a key, or by nothing at all."""

    app: APIFlask
    client: FlaskClient
    token: str = ""
    key: str = ""

    def call(
        self, route: Route, things: dict[str, str] | None = None, *, whole: bool = False
    ) -> TestResponse:
        """With an empty form, or an empty object; what the address names is nothing, unless `things` say."""
        body = WHOLE.get(route.endpoint, {}) if whole else {}
        values = {name: (things or {}).get(name, ANYTHING[name]) for name in route.arguments}
        with self.app.test_request_context():
            path = self.app.url_for(route.endpoint, **values)
        options: dict[str, Any] = {}
        if self.key:
            options["headers"] = {"Authorization": f"Bearer {self.key}"}
        if route.endpoint.partition(".")[0].endswith("_api"):
            options["json"] = body
        elif route.method == "POST":
            options["data"] = {"csrf_token": self.token, **body}
        return self.client.open(path, method=route.method, **options)


@pytest.fixture
def freedonia(database: str, keyring: Keyring) -> Side:
    return make_side(keyring, "Consulate of Freedonia")


@pytest.fixture
def sylvania(freedonia: Side, keyring: Keyring) -> Side:
    return make_side(keyring, "Embassy of Sylvania")


@pytest.fixture
def anonymous(app: APIFlask) -> Caller:
    client = app.test_client()
    return Caller(app, client, token_on(client, "/console/sign-in"))


def token_on(client: FlaskClient, page: str) -> str:
    found = TOKEN.search(client.get(page).text)
    assert found, f"no form on {page}"
    return found[1]


def with_password(app: APIFlask, side: Side, word: str) -> Caller:
    """Half signed in: the second factor is still to come."""
    client = app.test_client()
    token = token_on(client, "/console/sign-in")
    form = {"csrf_token": token, "email": side.officers[word], "password": PASSWORD}
    answer = client.post("/console/sign-in", data=form)
    assert answer.status_code == 302, answer.text
    return Caller(app, client, token_on(client, "/console/second-step"))


def signed_in(app: APIFlask, side: Side, word: str) -> Caller:
    caller = with_password(app, side, word)
    with unscoped() as session:
        officer = find_officer(session, side.officers[word])
    assert officer
    form = {"csrf_token": caller.token, "code": unused_code(officer)}
    answer = caller.client.post("/console/second-step", data=form)
    assert answer.status_code in (302, 303), answer.text
    return Caller(app, caller.client, token_on(caller.client, "/console/password"))


def with_key(app: APIFlask, side: Side, *scopes: Scope) -> Caller:
    with unscoped() as session:
        officer = find_officer(session, side.officers["all"])
        assert officer
        return Caller(app, app.test_client(), key=api_keys.add_key(session, officer, list(scopes)))


def test_every_route_has_a_line(app: APIFlask) -> None:
    """Default deny: a new route is refused here until somebody says whose it is."""
    there = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    missing = [
        f'add to ROUTES in tests/security/routes.py, for {rule}:  "{endpoint}": officers(…)  # or PUBLIC, LINK, keys(…)'
        for endpoint, rule in there.items()
        if endpoint not in ROUTES
    ]
    assert not missing, "\n".join(missing)
    gone = set(ROUTES) - set(there)
    assert not gone, (
        f"these lines of ROUTES in tests/security/routes.py have no route any more: {sorted(gone)}"
    )
    for endpoint, rule in there.items():
        console = rule.startswith("/console") and not endpoint.endswith(".static")
        kind = ROUTES[endpoint].kind
        assert not console or kind == "officers" or endpoint.startswith("sign_in."), f"{endpoint} is {kind}"
        assert not rule.startswith("/api/") or kind == "keys" or endpoint == "openapi.spec", endpoint
        assert not rule.startswith("/me/") or kind == "link", endpoint


def test_a_console_page_that_forgets_to_say_whose_it_is_is_nobodys(
    app: APIFlask, new_app: Callable[[], APIFlask], freedonia: Side
) -> None:
    rogue = console_blueprint("rogue", __name__, url_prefix="/console/rogue")
    rogue.get("/open", endpoint="open")(lambda: "open")
    rogue.get("/told", endpoint="told")(requires()(lambda: "told"))
    careless = new_app()
    careless.extensions["rollcall"] = app.extensions["rollcall"]
    careless.register_blueprint(rogue)
    for word in ("all", "administrator"):
        client = signed_in(careless, freedonia, word).client
        assert client.get("/console/rogue/open").status_code == 403
        assert client.get("/console/rogue/told").text == "told"


def is_turned_away(answer: TestResponse) -> bool:
    """Sent to sign in."""
    return answer.status_code == 302 and answer.location.startswith("/console/sign-in")


def test_officers_open_what_their_roles_say_and_nothing_else(
    app: APIFlask, anonymous: Caller, freedonia: Side
) -> None:
    routes = routes_of(app, "officers")
    assert len(routes) > 40
    for route in routes:
        answer = anonymous.call(route, freedonia.things.get(route.line.thing or ""))
        assert is_turned_away(answer), f"{route} answers {answer.status_code} to anybody"
    half = with_password(app, freedonia, "all")
    for route in routes:
        if not route.endpoint.startswith("second_step."):
            answer = half.call(route, freedonia.things.get(route.line.thing or ""))
            assert answer.location.startswith("/console/second-step"), f"{route} opens to a password alone"
    for word in (*Role, "all"):
        caller = signed_in(app, freedonia, word)
        for route in routes:
            answer = caller.call(route, freedonia.things.get(route.line.thing or ""))
            let_in = word == "all" or word in route.line.who
            assert answer.status_code < 500, f"{route} breaks for {word}"
            assert (answer.status_code != 403) is let_in, (
                f"{route} answers {answer.status_code} to {word}; {sorted(route.line.who)} may use it"
            )
            assert not is_turned_away(answer), route
            if not let_in:
                assert "Your role doesn't include it" in answer.text, route


def test_keys_do_what_their_scopes_say_and_nothing_else(
    app: APIFlask, anonymous: Caller, freedonia: Side
) -> None:
    routes = routes_of(app, "keys")
    assert len(routes) > 20
    officer = signed_in(app, freedonia, "all")
    for route in routes:
        things = freedonia.things.get(route.line.thing or "")
        for caller in (anonymous, officer, Caller(app, app.test_client(), key="rck_unknown")):
            answer = caller.call(route, things)
            assert answer.status_code == 401, f"{route} answers {answer.status_code} without a key"
    for scope in Scope:
        caller = with_key(app, freedonia, scope)
        for route in routes:
            answer = caller.call(route, freedonia.things.get(route.line.thing or ""))
            let_in = scope in route.line.who
            assert answer.status_code < 500, f"{route} breaks for {scope}"
            assert (answer.status_code != 403) is let_in, f"{route} answers {answer.status_code} to {scope}"


def told(answer: TestResponse) -> tuple[int, str, str]:
    """An answer without what may differ."""
    return answer.status_code, VARYING.sub("…", answer.text), answer.headers.get("Location", "")


def test_what_another_organisation_holds_is_as_though_it_were_not_there(
    app: APIFlask, freedonia: Side, sylvania: Side
) -> None:
    before = fingerprint(freedonia.organisation_id)
    assert len(before) > 10
    officer, program = signed_in(app, sylvania, "all"), with_key(app, sylvania, *Scope)
    compared = 0
    for route in (*routes_of(app, "officers"), *routes_of(app, "keys")):
        if route.line.thing is None:
            continue
        caller = program if route.line.kind == "keys" else officer
        own = sylvania.things[route.line.thing]
        if route.method == "GET":
            assert caller.call(route, own).status_code == 200, f"{route}: one's own is there"
        theirs = caller.call(route, freedonia.things[route.line.thing], whole=True)
        nothing = caller.call(route, whole=True)
        assert told(theirs) == told(nothing), f"{route} tells that another organisation holds it"
        assert theirs.status_code == 404, f"{route} answers {theirs.status_code}"
        compared += 1
    assert compared > 45
    after = fingerprint(freedonia.organisation_id)
    assert [table for table in before if before[table] != after[table]] == []


def test_a_personal_link_opens_its_own_page_and_an_unknown_one_nothing(
    app: APIFlask, anonymous: Caller, freedonia: Side
) -> None:
    routes = routes_of(app, "link")
    for route in routes:
        answer = anonymous.call(route)
        assert answer.status_code == 404, f"{route} answers {answer.status_code} to an unknown link"
    for route in routes:
        if route.method == "GET":
            assert anonymous.call(route, freedonia.things["link"]).status_code in (200, 303), route


def test_the_public_may_open_what_is_public(app: APIFlask, anonymous: Caller, freedonia: Side) -> None:
    for route in routes_of(app, "public"):
        with anonymous.call(route) as answer:
            assert answer.status_code not in (401, 403), route
            assert answer.status_code < 500, route
    for route in routes_of(app, "signed"):
        assert anonymous.call(route).status_code in (403, 404), f"{route} believes anybody"


def test_no_form_is_believed_without_its_token(app: APIFlask, freedonia: Side) -> None:
    """Nor with another browser's; the page says what to do, and nothing has happened."""
    officer, strangers = signed_in(app, freedonia, "all"), token_on(app.test_client(), "/console/sign-in")
    before = fingerprint(freedonia.organisation_id)
    tried = 0
    for kind in ("officers", "link", "public", "signed"):
        for route in routes_of(app, kind):
            if route.method != "POST" or route.endpoint.partition(".")[0] in WITHOUT_FORM_TOKEN:
                continue
            for token in ("", strangers):
                officer.token = token
                answer = officer.call(route, freedonia.things.get(route.line.thing or ""))
                assert answer.status_code == 400, f"{route} answers {answer.status_code} to a forged form"
                assert "load the page again" in answer.text, route
            tried += 1
    assert tried > 35
    assert officer.client.get("/console/password").status_code == 200, "still signed in"
    assert fingerprint(freedonia.organisation_id) == before


def other_methods(app: APIFlask) -> Iterator[tuple[str, str]]:
    """Each address with each method that none of its routes has."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **{name: ANYTHING[name] for name in rule.arguments})
        path = path.partition("?")[0]
        yield from ((path, method) for method in METHODS if method not in adapter.allowed_methods(path))


def test_no_other_method_does_anything(app: APIFlask, client: FlaskClient) -> None:
    for path, method in other_methods(app):
        assert client.open(path, method=method).status_code == 405, f"{method} {path}"
