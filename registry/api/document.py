"""The OpenAPI 3.1 document at /api/v1/openapi.json."""

from __future__ import annotations

import json
from typing import Any

from apiflask import APIFlask

from registry.api import problems
from registry.api.describing import SECURITY_SCHEME

ROOT = "/api/v1"
INTRODUCTION = """\
For programs that act for an officer. Make a key with `rollcall key add`, and send it as `Authorization: Bearer rck_…`.

Errors are problem details (RFC 9457) that name every wrong field. Lists come in pages: pass `next` as `after`.
Every POST takes an `Idempotency-Key`: a repeat within 24 hours gets the first answer again, marked
`Idempotent-Replayed: true`, and does nothing; a server error is not kept, so that a repeat tries anew."""


def install(app: APIFlask) -> None:
    """Serve the document, of declared calls only, and give every error under /api/ the form of a problem.

    Call it once all blueprints are there: APIFlask takes for granted that each one says whether it is described.
    """
    for blueprint in app.blueprints.values():
        vars(blueprint).setdefault("enable_openapi", False)
    app.config.update(
        DESCRIPTION=INTRODUCTION,
        AUTO_SERVERS=False,
        AUTO_404_RESPONSE=False,
        AUTO_200_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        SECURITY_SCHEMES={
            SECURITY_SCHEME: {
                "type": "http",
                "scheme": "bearer",
                "description": "A key made by `rollcall key add`; the scopes it must have stand with each call.",
            }
        },
    )
    app.spec_processor(_finish)
    problems.install(app)


def _finish(document: dict[str, Any] | str) -> dict[str, Any] | str:
    assert isinstance(document, dict)  # it is text in YAML only
    document["paths"] = {path: item for path, item in document["paths"].items() if path.startswith(ROOT)}
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = problems.Problem.model_json_schema(
        mode="serialization", ref_template="#/components/schemas/Problem.{model}"
    )
    for name, schema in schemas["Problem"].pop("$defs").items():
        schemas[f"Problem.{name}"] = schema
    document = _plain_names(document)
    for item in document["paths"].values():
        for call in item.values():
            _complete(call, document["components"]["schemas"])
    return document


def _complete(call: dict[str, Any], schemas: dict[str, Any]) -> None:
    """What APIFlask leaves out: whether a body is needed, what an id looks like, how the header is written."""
    for content in call.get("requestBody", {}).get("content", {}).values():
        name = content["schema"]["$ref"].rpartition("/")[2]
        call["requestBody"]["required"] = "required" in schemas[name]
    for parameter in call["parameters"]:
        if parameter["in"] == "path":
            parameter["schema"]["format"] = "uuid"
        elif parameter["in"] == "header":
            parameter["name"] = "-".join(word.capitalize() for word in parameter["name"].split("-"))


def _plain_names(document: dict[str, Any]) -> dict[str, Any]:
    """A model within another is "Outer.Inner" so far, once for each outer; give it one name and one place."""
    text = json.dumps(document)
    nested = [name for name in document["components"]["schemas"] if "." in name]
    for name in nested:
        text = text.replace(
            f'"#/components/schemas/{name}"', f'"#/components/schemas/{name.rpartition(".")[2]}"'
        )
    plain: dict[str, Any] = json.loads(text)
    schemas = plain["components"]["schemas"]
    for name in nested:
        schema, short = schemas.pop(name), name.rpartition(".")[2]
        if schemas.setdefault(short, schema) != schema:
            raise ValueError(f"two models of the API are called {short}")
    return plain
