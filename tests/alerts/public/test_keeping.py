from __future__ import annotations

from flask.testing import FlaskClient

from alerts.casework.points import save_point
from registry.database import scoped
from tests.alerts.offices import Office
from tests.alerts.public.test_pages import read

PLACE = {
    "country": "NP",
    "name": "Hall of the Red Cross",
    "what": "water",
    "place": "Hanumandhoka",
    "hours": "always",
}


def test_places_that_everyone_may_see_stand_on_the_page(client: FlaskClient, office: Office) -> None:
    with scoped(office.organisation.id) as session:
        save_point(session, office.author, PLACE)
        save_point(session, office.author, PLACE | {"name": "Tents", "public": True})
    page = read(client, "/alerts/NP")
    assert "Tents water Hanumandhoka always No identity papers are needed." in page
    assert "Hall of the Red Cross" not in page
    assert "Tents" not in read(client, "/alerts/IN")


def test_keeping_is_offered_on_one_page_alone(client: FlaskClient) -> None:
    for path in ("/", "/alerts/", "/alerts/NP", "/register"):
        answer = client.get(path)
        assert "manifest" not in answer.text
        assert "worker-src" not in answer.headers["Content-Security-Policy"]
    answer = client.get("/alerts/NP/keep?lang=ar")
    assert 'data-keep="/alerts/NP?lang=ar"' in answer.text
    assert "worker-src 'self'; manifest-src 'self'" in answer.headers["Content-Security-Policy"]
    with client.get("/alerts/worker.js") as worker:
        assert (worker.status_code, worker.mimetype) == (200, "text/javascript")
    assert client.get("/alerts/xx/keep").status_code == 404


def test_the_app_has_a_plain_name_for_a_phone_that_is_looked_at(client: FlaskClient) -> None:
    ours = client.get("/alerts/NP/app.webmanifest?lang=fr")
    assert ours.mimetype == "application/manifest+json"
    assert ours.json is not None
    assert (ours.json["short_name"], ours.json["start_url"]) == ("Rollcall", "/alerts/NP?lang=fr")
    assert "Rollcall" in client.get("/alerts/NP/keep").text
    plain = client.get("/alerts/NP/app.webmanifest?lang=fr&plain=1").json
    assert plain is not None
    assert (plain["name"], plain["short_name"], plain["scope"]) == ("Népal", "Népal", "/alerts/")
    assert "plain.png" in plain["icons"][0]["src"]
    for path in ("/alerts/NP/keep?lang=fr&plain=1", plain["start_url"]):
        page = client.get(path).text
        assert "<title>Népal</title>" in page
        assert "Rollcall" not in page
