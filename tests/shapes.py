"""Checks a value against the part of JSON Schema that the API's document uses."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
FORMATS = {"uuid": uuid.UUID, "date": date.fromisoformat, "date-time": datetime.fromisoformat}
KNOWN = {
    *(
        "$ref",
        "type",
        "properties",
        "required",
        "items",
        "anyOf",
        "enum",
        "const",
        "format",
        "additionalProperties",
    ),
    *("title", "description", "default", "examples", "minLength", "maxLength", "minItems", "maxItems"),
    *("minimum", "maximum"),
}


def check(value: Any, schema: dict[str, Any], document: dict[str, Any], path: str = "") -> None:
    """Raises AssertionError, naming the path, when the value does not have the shape."""
    assert schema.keys() <= KNOWN, f"{path}: this check knows nothing of {schema.keys() - KNOWN}"
    if "$ref" in schema:
        check(value, resolve(schema["$ref"], document), document, path)
        return
    if "anyOf" in schema:
        check_any(value, schema["anyOf"], document, path)
        return
    if "enum" in schema:
        assert value in schema["enum"], f"{path}: {value!r}"
    kind = TYPES[schema["type"]] if "type" in schema else object
    assert isinstance(value, kind), f"{path}: {value!r} is not {schema['type']}"
    assert not (isinstance(value, bool) and schema.get("type") in ("integer", "number")), path
    if "format" in schema:
        FORMATS[schema["format"]](value)
    if isinstance(value, dict):
        check_object(value, schema, document, path)
    if isinstance(value, list):
        for number, item in enumerate(value):
            check(item, schema.get("items", {}), document, f"{path}.{number}")


def check_any(value: Any, schemas: list[dict[str, Any]], document: dict[str, Any], path: str) -> None:
    errors = []
    for schema in schemas:
        try:
            check(value, schema, document, path)
        except (AssertionError, ValueError) as error:
            errors.append(str(error))
        else:
            return
    raise AssertionError("; ".join(errors))


def check_object(value: dict[str, Any], schema: dict[str, Any], document: dict[str, Any], path: str) -> None:
    properties = schema.get("properties", {})
    missing = set(schema.get("required", ())) - value.keys()
    assert not missing, f"{path}: {missing} missing"
    others = schema.get("additionalProperties")
    if properties and others is None:
        assert value.keys() <= properties.keys(), f"{path}: {value.keys() - properties.keys()} undeclared"
    for name, item in value.items():
        inner = properties.get(name, others if isinstance(others, dict) else {})
        check(item, inner, document, f"{path}.{name}")


def resolve(reference: str, document: dict[str, Any]) -> dict[str, Any]:
    """What a "#/components/…" reference means."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
