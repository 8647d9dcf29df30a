"""Reading what a program sends, and naming every field that is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from registry.api.problems import Refused
from registry.errors import FieldError, Invalid

MAX_JSON = 1024 * 1024
"""Bytes; an alert in a hundred languages fits."""
CODES = {
    "missing": "required",
    "string_too_long": "length",
    "too_long": "length",
    "extra_forbidden": "unknown",
    "greater_than_equal": "range",
    "less_than_equal": "range",
}
MESSAGES = {"missing": "is required", "extra_forbidden": "is not a field of this call"}
T = TypeVar("T")


def take_json() -> None:
    """Let all of the body come in, however slowly."""
    request.max_content_length = MAX_JSON
    request.get_data()


def read_json() -> dict[str, Any]:
    """The body's object; an absent body is an empty one. Raises Refused, or Invalid naming unreadable text."""
    raw = request.get_data()
    if len(raw) >= MAX_JSON:  # a body that comes in chunks is cut there
        raise Refused(413)
    if not raw:
        return {}
    if not request.is_json:
        raise Refused(415)
    try:
        found = json.loads(raw, parse_constant=_not_json)
    except (ValueError, RecursionError):  # a UnicodeDecodeError is a ValueError
        raise Refused(400, detail="The body is not JSON.") from None
    if not isinstance(found, dict):
        raise Refused(400, detail="The body must be a JSON object.")
    _refuse_unreadable(found)
    return found


def _not_json(word: str) -> NoReturn:
    raise ValueError(word)


def _refuse_unreadable(found: dict[str, Any]) -> None:
    """No database keeps U+0000 in a text, and no encoding has half a surrogate pair."""
    errors = [
        FieldError(path, "characters", "holds characters that can't be kept")
        for path, text in _texts(found)
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text)
    ]
    if errors:
        raise Invalid(errors)


def _texts(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text with its path; keys count as texts of their own."""
    waiting: list[tuple[str, Any]] = [("", found)]
    while waiting:
        path, value = waiting.pop()
        prefix = f"{path}." if path else ""
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            for key, item in value.items():
                place = prefix + key.encode(errors="replace").decode()
                yield place, key
                waiting.append((place, item))
        elif isinstance(value, list):
            waiting.extend((f"{prefix}{number}", item) for number, item in enumerate(value))


def read_form() -> dict[str, Any]:
    """The fields and the files of a multipart body, by name. Raises Refused.

    A field may as well stand in the query: `?dry_run=false` must not be passed over in silence.
    """
    if request.mimetype != "multipart/form-data":
        raise Refused(415, detail="Send this as multipart/form-data.")
    parts = [
        *request.args.items(multi=True),
        *request.form.items(multi=True),
        *request.files.items(multi=True),
    ]
    given: dict[str, Any] = dict(parts)
    _refuse_unreadable({name: value for name, value in given.items() if isinstance(value, str)})
    twice = [name for name in given if sum(other == name for other, _ in parts) > 1]
    if twice:
        raise Invalid([FieldError(name, "repeated", "is given twice") for name in twice])
    return given


def digest_of(given: Mapping[str, Any]) -> bytes:
    """What makes two requests the same: method, address and content, whatever their spacing or boundary."""
    content = sha256(f"{request.method} {request.path}?{request.query_string!r}\n".encode())
    for name in sorted(given):
        value = given[name]
        stream = getattr(value, "stream", None)
        if stream is None:
            content.update(json.dumps([name, value], sort_keys=True).encode())
            continue
        content.update(json.dumps([name, value.filename]).encode())
        while chunk := stream.read(65536):
            content.update(chunk)
        stream.seek(0)
    return content.digest()


def wrong_fields(model: type[BaseModel], given: Mapping[str, Any]) -> list[FieldError]:
    """Where `given` does not have the shape of `model`. The value itself is never repeated."""
    try:
        model.model_validate(given)
    except ValidationError as error:
        return [
            FieldError(
                ".".join(map(str, item["loc"])),
                CODES.get(item["type"], "type"),
                MESSAGES.get(item["type"], item["msg"].removeprefix("Value error, ")),
            )
            for item in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    return []


def read(model: type[BaseModel], reader: Callable[[Mapping[str, Any]], T], given: Mapping[str, Any]) -> T:
    """Read `given` by the domain's own reader. Raises Invalid with its errors and those of shape, each field once."""
    shape = wrong_fields(model, given)
    try:
        value = reader(given)
    except Invalid as error:
        rest = [
            wrong for wrong in shape if not any(_is_in(other.field, wrong.field) for other in error.errors)
        ]
        raise Invalid([*error.errors, *rest]) from None
    if shape:
        raise Invalid(shape)
    return value


def _is_in(field: str, outer: str) -> bool:
    return field == outer or field.startswith(f"{outer}.")


def read_query(model: type[BaseModel]) -> BaseModel:
    """The query, in which an empty parameter is as good as none. Raises Invalid, also on an unknown or repeated one."""
    given = {name: value for name, value in request.args.items() if value}
    _refuse_unreadable(given)
    twice = [name for name, values in request.args.lists() if len(values) > 1]
    errors = [FieldError(name, "repeated", "is given twice") for name in twice]
    errors += [wrong for wrong in wrong_fields(model, given) if wrong.field not in twice]
    if errors:
        raise Invalid(errors)
    return model.model_validate(given)
