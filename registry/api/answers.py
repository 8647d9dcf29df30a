"""What a view hands back, and what is kept of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from flask import Response
from pydantic import BaseModel

from registry.people.models import Person


@dataclass(frozen=True, slots=True)
class Answer:
    """A view's answer; without a body it has none. `status` differs from the declared one only where declared as
    `also`. `subject` is the person whom the body tells about: what is kept of it dies with them. `act` goes into the
    audit log last of all, so that others wait for that log as short as can be."""

    body: BaseModel | None = None
    status: int | None = None
    location: str | None = None
    subject: Person | None = None
    act: str | None = None
    """Of the call's officer, upon the subject."""


@dataclass(frozen=True, slots=True)
class Wire:
    """An answer as it goes out."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """For Flask."""
        return Response(self.body, self.status, self.headers)

    def pack(self) -> bytes:
        """For keeping."""
        return json.dumps([self.body, self.headers]).encode()

    @classmethod
    def unpack(cls, status: int, packed: bytes) -> Wire:
        """What `pack` made."""
        body, headers = json.loads(packed)
        return cls(status, body, headers)
