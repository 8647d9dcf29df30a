"""How a declared call stands in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from apiflask.schemas import EmptySchema

from registry.api.problems import MEDIA_TYPE
from registry.api.schemas import IdempotencyHeader

if TYPE_CHECKING:
    from registry.api.operations import Operation

SECURITY_SCHEME = "key"
ERRORS = {
    400: "The body can't be read.",
    401: "No key, or none that is valid.",
    403: "The key lacks the scope.",
    404: "No such thing, or none that this key may know of.",
    409: "The state of things does not allow it, or the same Idempotency-Key is being answered just now.",
    410: "A repeat of a request whose subject has been erased since.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "Some fields are wrong; each is named.",
    429: "The key calls too fast; Retry-After says for how many seconds to wait.",
    503: "The database can't be reached just now.",
}


def describe(
    blueprint: APIBlueprint, method: str, declared: Operation, view: Callable[..., Any]
) -> Callable[..., Any]:
    """The view with APIFlask's notes on it. Only the notes are used: it would stop at the first kind of error."""
    noted = view
    if declared.body:
        noted = blueprint.input(declared.body, location="form_and_files" if declared.multipart else "json")(
            noted
        )
    if declared.query:
        noted = blueprint.input(declared.query, location="query")(noted)
    if method == "POST":
        noted = blueprint.input(IdempotencyHeader, location="headers")(noted)
    noted = blueprint.output(declared.answers or EmptySchema, status_code=declared.status)(noted)
    responses = _also(declared)
    responses.update({status: _problem(status) for status in _errors(method, declared)})
    return blueprint.doc(
        responses=responses,
        security=[{SECURITY_SCHEME: [scope.value]} for scope in declared.any_of],
        operation_id=view.__name__,
    )(noted)


def _errors(method: str, declared: Operation) -> list[int]:
    statuses = {401, 403, 404, 429, 503}
    if method == "POST":
        statuses |= {409, 410, 422}
    if declared.body:
        statuses |= {400, 413, 415, 422}
    if declared.query:
        statuses |= {422}
    if declared.conflicts:
        statuses |= {409}
    return sorted(statuses)


def _problem(status: int) -> dict[str, str | dict[str, dict[str, Any]]]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": ERRORS[status], "content": {MEDIA_TYPE: {"schema": schema}}}


def _also(declared: Operation) -> dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]:
    if declared.answers is None:
        return {}
    schema = {"$ref": f"#/components/schemas/{declared.answers.__name__}"}
    return {
        status: {"description": meaning, "content": {"application/json": {"schema": schema}}}
        for status, meaning in (declared.also or {}).items()
    }
