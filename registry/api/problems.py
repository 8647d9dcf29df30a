"""Errors as problem details (RFC 9457) that name every wrong field."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, Response, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import HTTPException

from registry.errors import Conflict, FieldError, Invalid, NotFound

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 200
"""Wrong fields named in one answer: a body of a megabyte can hold a hundred thousand."""
PREFIX = "/api/"
DETAILS = {
    400: ("malformed", "The body could not be read."),
    401: ("unauthorised", "Give a key: Authorization: Bearer rck_…"),
    404: ("not_found", "There is no such thing here."),
    405: ("method", "This address does not take that method."),
    413: ("too_large", "The body is too large."),
    415: ("media_type", "Send this as application/json."),
    429: ("too_many_requests", "This key calls too fast. Wait for as many seconds as Retry-After says."),
    500: ("internal", "Something went wrong on our side; nothing was saved."),
    503: ("unavailable", "The database can't be reached just now; nothing was saved. Try again."),
}
"""By status: the code and the sentence where there is nothing more exact to say."""


class WrongField(BaseModel):
    """One thing wrong with one field."""

    field: str = Field(description="A path such as contacts.0.address; empty for the body as a whole.")
    code: str = Field(description="Stable, for programs.")
    message: str = Field(description="Plain English.")


class Problem(BaseModel):
    """Problem details for HTTP APIs (RFC 9457)."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    type: str = Field(description="A URN that ends in the code.")
    title: str
    status: int
    detail: str
    code: str
    errors: list[WrongField] = Field(default=[], description="Every wrong field; of very many the first 200.")


class Refused(Exception):  # noqa: N818
    """A call that ends in a problem which no domain error stands for."""

    def __init__(
        self,
        status: int,
        code: str | None = None,
        detail: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        usual_code, usual_detail = DETAILS.get(
            status, (HTTPStatus(status).name.lower(), HTTPStatus(status).phrase)
        )
        self.status = status
        self.code = code or usual_code
        self.detail = detail or usual_detail
        self.headers = headers or {}


def problem(status: int, code: str, detail: str, errors: list[FieldError] | None = None) -> Problem:
    """Problem details in their usual form."""
    return Problem(
        type=f"urn:rollcall:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        errors=[
            WrongField(field=e.field[:200], code=e.code, message=e.message)
            for e in (errors or [])[:MOST_ERRORS]
        ],
    )


def of_error(error: Invalid | NotFound | Conflict) -> Problem:
    """What a domain error says to a program. A conflict may carry `errors` that name fields."""
    if isinstance(error, Invalid):
        return problem(422, "invalid", "Some fields are wrong; nothing was saved.", error.errors)
    if isinstance(error, NotFound):
        return problem(404, *DETAILS[404])
    return problem(409, error.code, str(error), getattr(error, "errors", None))


def answer(details: Problem, headers: dict[str, str] | None = None) -> Response:
    """The HTTP answer."""
    return Response(
        details.model_dump_json(), details.status, {"Content-Type": MEDIA_TYPE, **(headers or {})}
    )


def of_refusal(refusal: Refused) -> Response:
    """The HTTP answer to a refused call."""
    return answer(problem(refusal.status, refusal.code, refusal.detail), refusal.headers)


def of_http(error: HTTPException) -> Response:
    """The HTTP answer to what the framework refuses, such as a body that is too large."""
    return of_refusal(Refused(error.code or 500))


def install(app: Flask) -> None:
    """Give every error under /api/ this form, also those that no view has seen: unknown address, wrong method."""
    app.after_request(_as_problem)


def _as_problem(response: Response) -> Response:
    if response.status_code >= 400 and request.path.startswith(PREFIX) and response.mimetype != MEDIA_TYPE:
        refusal = Refused(response.status_code)
        response.set_data(problem(refusal.status, refusal.code, refusal.detail).model_dump_json())
        response.content_type = MEDIA_TYPE
    return response
