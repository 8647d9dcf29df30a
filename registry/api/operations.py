"""The one way in: every call is declared, authenticated, read, answered and described here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial, wraps
from typing import Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from registry.api import problems, reading
from registry.api.access import Call, authenticate, secret_of_request
from registry.api.answers import Answer, Wire
from registry.api.describing import describe
from registry.api.idempotency import Repeatable, key_of_request
from registry.api.problems import Problem, Refused
from registry.audit.services import record
from registry.database import early, unscoped
from registry.database.session import set_scope
from registry.errors import Conflict, Invalid, NotFound
from registry.organisations.models import Officer, Scope
from registry.people.vault import Vault
from registry.web.platform import platform

View = Callable[..., Answer]
ATTEMPTS = 3
DEADLOCK = "40P01"


@dataclass(frozen=True, slots=True)
class Operation:
    """A call as it is declared.

    `body` is the shape of what is sent, and `reader` what makes the domain's value of it, handed to the view as
    `body`. `query` likewise, handed on as it is. `question` marks a POST that changes nothing: its answer is not kept.
    """

    scopes: Scope | tuple[Scope, ...]
    """What the key must allow; of several, any one."""
    answers: type[BaseModel] | None
    status: int = 200
    also: Mapping[int, str] | None = None
    """Other statuses of success, each with what it means."""
    body: type[BaseModel] | None = None
    reader: Callable[[Mapping[str, Any]], Any] = dict
    query: type[BaseModel] | None = None
    multipart: bool = False
    question: bool = False
    conflicts: bool = False

    @property
    def any_of(self) -> tuple[Scope, ...]:
        """The scopes of which a key must have one."""
        return (self.scopes,) if isinstance(self.scopes, Scope) else self.scopes


def operation(blueprint: APIBlueprint, method: str, rule: str, declared: Operation) -> Callable[[View], View]:
    """Make a view of `view(call, **path, body=, query=) -> Answer` the answer to a method at an address."""

    def decorate(view: View) -> View:
        described = describe(blueprint, method, declared, view)

        @wraps(described)
        def handle(**path: object) -> Response:
            try:
                return _answer(method, declared, view, {name: str(value) for name, value in path.items()})
            except (Invalid, NotFound, Conflict) as error:
                return problems.answer(problems.of_error(error))
            except Refused as refusal:
                return problems.of_refusal(refusal)
            except HTTPException as error:
                return problems.of_http(error)
            except OperationalError:
                return problems.of_refusal(Refused(503, headers={"Retry-After": "5"}))

        # every <..._id> is a UUID: so that /people/search is no person to a method that it doesn't take
        blueprint.route(rule.replace("<", "<uuid:"), methods=[method])(handle)
        return view

    return decorate


def _answer(method: str, declared: Operation, view: View, path: dict[str, str]) -> Response:
    secret = secret_of_request()
    if declared.multipart:  # before a large file is read
        with unscoped() as session:
            authenticate(session, secret, declared.any_of)
    elif declared.body:
        reading.take_json()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(method, secret, declared, partial(view, **path)).response()
        except (
            OperationalError
        ) as error:  # two calls that lock the same rows in another order: the victim starts anew
            if getattr(error.orig, "sqlstate", None) != DEADLOCK or attempt == ATTEMPTS:
                raise
            time.sleep(0.05 * attempt)
    raise AssertionError


def _once(method: str, secret: str, declared: Operation, view: View) -> Wire:
    """One try. A refusal to be kept for a repeat is kept in a transaction of its own, for it undoes that of the act."""
    try:
        return _in_transaction(method, secret, declared, view)
    except (Conflict, NotFound) as error:
        if method != "POST" or key_of_request() is None:
            raise
        return _in_transaction(method, secret, declared, view, refused=problems.of_error(error))


def _in_transaction(
    method: str, secret: str, declared: Operation, view: View, refused: Problem | None = None
) -> Wire:
    acts = method == "POST" and not declared.question
    with early() if acts else unscoped() as session:
        key = authenticate(session, secret, declared.any_of)
        repeat = key_of_request() if method == "POST" else None
        given = None
        if declared.body:
            given = reading.read_form() if declared.multipart else reading.read_json()
        set_scope(session, key.organisation_id, early=acts)
        vault = Vault.open(session, platform().keyring, key.organisation_id)
        call = Call(session, vault, session.get_one(Officer, key.officer_id))
        if repeat is None:
            return _finish(call, declared, _perform(call, declared, view, given))
        asked = Repeatable(session, vault, key.id, repeat, reading.digest_of(given or {}))
        before = asked.begin()
        if before is not None:
            return replace(before, headers={**before.headers, "Idempotent-Replayed": "true"})
        if refused is not None:  # the act was tried: a repeat is told the same, whatever changes meanwhile
            wire = Wire(refused.status, refused.model_dump_json(), {"Content-Type": problems.MEDIA_TYPE})
            asked.keep(wire, wire.status)
            return wire
        return _finish(call, declared, _perform(call, declared, view, given), asked)


def _finish(call: Call, declared: Operation, done: Answer, asked: Repeatable | None = None) -> Wire:
    wire = _wire(declared, done)
    if asked is not None:
        asked.keep(None if declared.question else wire, wire.status, done.subject)
    if done.act is not None and done.subject is not None:
        record(call.session, call.actor, done.act, done.subject.public_id)
    return wire


def _perform(call: Call, declared: Operation, view: View, given: dict[str, Any] | None) -> Answer:
    values: dict[str, Any] = {}
    if declared.body is not None and given is not None:
        values["body"] = reading.read(declared.body, declared.reader, given)
    if declared.query is not None:
        values["query"] = reading.read_query(declared.query)
    return view(call, **values)


def _wire(declared: Operation, done: Answer) -> Wire:
    headers = {"Location": done.location} if done.location else {}
    if done.body is None:
        return Wire(done.status or declared.status, "", headers)
    body = done.body.model_dump_json(by_alias=True)
    return Wire(done.status or declared.status, body, {"Content-Type": "application/json", **headers})
