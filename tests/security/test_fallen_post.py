"""A post falls: its key is shredded by two administrators elsewhere, and the capital brings it back."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path

import pytest
from apiflask import APIFlask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from alerts.delivery.models import DeliveryState
from alerts.responses.receiving import receive
from alerts.responses.storing import Inbound
from config.supervisor import ROOT
from registry.crypto import KeyAway, Keyring, Keystore
from registry.custody import capital, rewrapping
from registry.database import scoped, unscoped
from registry.errors import Conflict, Invalid
from registry.organisations.models import Officer, Organisation, Post, Role
from registry.people.models import Person
from registry.people.vault import Vault
from registry.posts.services import create_post
from tests.conftest import MASTER_KEY
from tests.delivery.conftest import House
from tests.delivery.provider import Provider
from tests.delivery.test_ledger import batches, plan
from tests.desk import Desk, new_desk, text_of
from tests.programs import Program, new_program
from tests.registry.people.pages.visitor import PHONE, Visitor
from workers.duties import finish
from workers.runtime import WorkerRuntime
from workers.sending import deliver


class Story:
    """Two administrators at headquarters, a post in Beirut, a migrant there, a program."""

    def __init__(self, app: APIFlask, keyring: Keyring, database: str, home: Path) -> None:
        self.keyring, self.database, self.home = keyring, database, home
        self.first = new_desk(app.test_client(), keyring, email="first@example.org")
        self.second = new_desk(app.test_client(), keyring, email="second@example.org")
        self.program: Program = new_program(app.test_client(), keyring, email="first@example.org")
        self.organisation = Organisation(id=self.first.officer.organisation_id)
        self.visitor = Visitor(app.test_client(), keyring)
        with unscoped() as session:
            body = session.get_one(Organisation, self.organisation.id)
            self.post = create_post(session, keyring, body, "Beirut", ["LB"])

    def rollcall(self, *words: str, typed: str = "") -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": self.database,
            "MASTER_KEY": MASTER_KEY,
            "ROLLCALL_HOME": str(self.home),
        }
        done = subprocess.run(
            [sys.executable, "-m", "config.cli", "keys", *words],
            cwd=ROOT, env=environment, input=typed, text=True, capture_output=True,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.stdout if done.returncode == 0 else done.stderr

    def shred(self) -> None:
        ask = f"/console/keys/posts/{self.post.public_id}/shred"
        page = text_of(self.first.open(ask))
        assert "2 people become unreadable. " in page
        assert "They can be brought back by the two officers" in page
        assert self.first.send(ask, {"reason": " "}).status_code == 422
        assert "Waits for approval" in text_of(self.first.send(ask, {"reason": "The city has fallen."}))
        approve = self.first.open("/console/keys/").text.partition("/console/keys/shreds/")[2][:36]
        approve = f"/console/keys/shreds/{approve}"
        own = self.first.send(approve, {"people": "2"})
        assert own.status_code == 409
        assert "The city has fallen." in text_of(self.second.open(approve))
        assert self.second.send(approve, {"people": "3"}).status_code == 422
        assert "Shredded" in text_of(self.second.send(approve, {"people": "2"}))
        assert self.second.send(approve, {"people": "2"}).status_code == 409

    def restore(self, first: str, second: str) -> None:
        with scoped(self.organisation.id) as session:
            body = session.get_one(Organisation, self.organisation.id)
            capital.restore(session, self.keyring, body, session.get_one(Post, self.post.id), first, second)

    def names(self) -> dict[str, str | None]:
        """Of everyone, by country; None for what can't be read."""
        with scoped(self.organisation.id) as session:
            vault = Vault.open(session, self.keyring, self.organisation.id)
            people = session.scalars(select(Person).order_by(Person.id)).all()
            return {
                f"{one.source.value} {one.stays[0].country}": vault.name(one) if vault.opens(one) else None
                for one in people
            }


def test_the_story(app: APIFlask, keyring: Keyring, database: str, tmp_path: Path) -> None:
    story = Story(app, keyring, database, tmp_path)
    program, visitor = story.program, story.visitor
    halves = story.rollcall("capital-new", "--organisation", "Consulate of Freedonia").splitlines()
    own_page = visitor.member(story.organisation, name="Leila")
    there = program.add_person(stays=[{"country": "LB"}], name="Karim")["id"]
    program.add_person(stays=[{"country": "FR"}], name="Ana")
    readable = {"web LB": "Leila", "api LB": "Karim", "api FR": "Ana"}
    assert story.names() == readable
    with scoped(story.organisation.id) as session:
        backup = session.execute(
            text("SELECT id, wrapped_key FROM stored_keys WHERE post_id IS NOT NULL")
        ).all()
        person = session.scalar(select(Person.public_id).where(Person.source == "web"))

    story.shred()
    locked = {"web LB": None, "api LB": None, "api FR": "Ana"}
    assert story.names() == locked
    assert list((tmp_path / "secrets" / "posts").iterdir()) == []
    with scoped(story.organisation.id) as session:
        for row in backup:  # whoever has an old copy of the database has no more than this
            session.execute(
                text("UPDATE stored_keys SET wrapped_key = :wrapped_key WHERE id = :id"), row._asdict()
            )
    assert story.names() == locked
    with scoped(story.organisation.id) as session:
        session.execute(text("UPDATE stored_keys SET wrapped_key = NULL WHERE post_id IS NOT NULL"))

    look_everywhere(story, person, there, own_page)
    alert_nobody_there(story)
    while rewrapping.run_due(keyring):
        pass
    assert story.names() == {**locked, "web FR": "Newcomer"}

    with pytest.raises(Invalid, match="not the two halves"):
        story.restore(halves[0], halves[0])
    restored = story.rollcall("restore", "--post", "Beirut", typed="\n".join(reversed(halves)) + "\n")
    assert "readable again" in restored
    with pytest.raises(Conflict, match="can be read"):
        story.restore(*halves)
    assert story.names() == {**readable, "web FR": "Newcomer"}
    assert "Leila" in text_of(visitor.open(own_page))
    assert program.get(f"/people/{there}").json["name"] == "Karim"
    assert {act for act, _ in story.second.audited()} >= {"post.shredded"}


def look_everywhere(story: Story, person: object, there: str, own_page: str) -> None:
    """No page fails, none shows what was sealed, and none tells a stranger who is registered."""
    visitor, program, desk = story.visitor, story.program, story.second
    assert "•••" in text_of(desk.open("/console/people/"))
    page = desk.open(f"/console/people/{person}")
    assert "This record can't be read here" in text_of(page)
    assert desk.open(f"/console/people/{person}/edit").status_code == 409
    assert {item["contacts"][0]["masked"] for item in program.get("/people").json["items"]} >= {"•••"}
    answers = [
        program.get(f"/people/{there}"),
        program.patch(f"/people/{there}", {"stays": [{"country": "FR"}]}),
    ]
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(409, "locked")] * 2
    imported = program.post(
        "/imports",
        data={"file": (BytesIO(f"phone,country,name,language\n{PHONE},LB,Leila,en\n".encode()), "a.csv")},
    )
    assert "was shredded" in imported.text
    for address in (own_page, f"{own_page}/download", f"{own_page}/details"):
        answer = visitor.open(address)
        assert answer.status_code == 409
        assert "Your registration is locked" in text_of(answer)
        assert f"{own_page}/erase" in answer.text
    known = text_of(visitor.join(name="Leila"))
    assert known == text_of(visitor.join("FR", phone="+999700123457", name="Newcomer")).replace("57", "56")
    assert visitor.send("/link", {"channel": "sms", "phone": PHONE, "phone_country": "LB"}).status_code == 200
    with unscoped() as session:
        assert receive(session, story.keyring, Inbound(PHONE, "help me", "SM1")).language == "en"


def alert_nobody_there(story: Story) -> None:
    officers: list[Officer] = [story.first.officer, story.second.officer]
    house = House(story.organisation, *officers)
    asked = story.program.post(
        "/alerts/preview", {"area": {"countries": ["LB", "FR"]}, "channels": ["sms"]}
    ).json
    assert (asked["audience"], asked["people"], asked["suppressed"]["unreadable"]) == (1, 1, 2)
    alert = house.approve(channels=["sms"], area={"countries": ["LB", "FR"]})
    plan(house, alert)
    provider = Provider()
    runtime = WorkerRuntime(story.keyring, {"sms": provider}, "https://rollcall.example", {"sms": None})
    for batch in batches(house):
        deliver(runtime, batch)
    finish({"sms": provider.provider})
    assert house.alert(alert).snapshot["audience"] == 1
    tally = house.tally(alert)["sms"]
    assert (tally["failed"], len(provider.handed)) == (2, 1)
    failed = house.sql("SELECT code FROM deliveries WHERE state = :state", state=int(DeliveryState.FAILED))
    assert {row.code for row in failed} == {"unreadable"}


def test_only_two_administrators_elsewhere(
    app: APIFlask, keyring: Keyring, database: str, tmp_path: Path
) -> None:
    story = Story(app, keyring, database, tmp_path)
    registrar = new_desk(app.test_client(), keyring, Role.REGISTRAR, email="r@example.org")
    assert registrar.open("/console/keys/").status_code == 403
    ask = f"/console/keys/posts/{story.post.public_id}/shred"
    assert "this can't be undone" in text_of(story.first.open(ask))
    story.first.send(ask, {"reason": "Fallen"})
    assert story.second.send(ask, {"reason": "Fallen"}).status_code == 409
    with scoped(story.organisation.id) as session:
        session.execute(
            text("UPDATE officers SET post_id = :id WHERE email LIKE 'second%'"), {"id": story.post.id}
        )
        shred = session.scalar(text("SELECT public_id FROM shreds"))
    assert story.second.send(f"/console/keys/shreds/{shred}", {"people": "0"}).status_code == 409
    with (
        pytest.raises(IntegrityError, match="approver_is_not_author"),
        scoped(story.organisation.id) as session,
    ):
        session.execute(text("UPDATE shreds SET approved_by_id = asked_by_id, approved_at = now()"))
    stranger: Desk = new_desk(
        app.test_client(), keyring, email="s@example.org", organisation="Consulate of Sylvania"
    )
    assert stranger.open(ask).status_code == 404
    assert stranger.open(f"/console/keys/shreds/{shred}").status_code == 404
    story.second.send(f"/console/keys/shreds/{shred}", {}, to=f"/console/keys/shreds/{shred}/withdraw")
    assert "In use" in text_of(story.first.open("/console/keys/"))
    with unscoped() as session:
        assert session.get_one(Post, story.post.id).shredded_at is None


def test_while_the_keystore_is_away_alerts_wait(
    app: APIFlask, keyring: Keyring, database: str, tmp_path: Path
) -> None:
    story = Story(app, keyring, database, tmp_path)
    story.program.add_person(stays=[{"country": "LB"}])
    house = House(story.organisation, story.first.officer, story.second.officer)
    alert = house.approve(channels=["sms"])
    plan(house, alert)
    provider, folder = Provider(), tmp_path / "secrets" / "posts"
    folder.rename(tmp_path / "away")
    for there in (False, True):
        if there:
            (tmp_path / "away").rename(folder)
            house.sql("UPDATE deliveries SET next_attempt_at = now() RETURNING batch_id")
            house.sql("UPDATE batches SET next_attempt_at = now(), lease_until = NULL RETURNING id")
        fresh = Keyring(bytes.fromhex(MASTER_KEY), keystore=Keystore(folder))
        runtime = WorkerRuntime(fresh, {"sms": provider}, "https://rollcall.example", {"sms": None})
        with nullcontext() if there else pytest.raises(KeyAway):
            deliver(runtime, *batches(house))
        assert len(provider.handed) == there
    assert house.tally(alert)["sms"]["accepted"] == 1
