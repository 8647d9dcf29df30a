"""What all webhooks do while the database is away."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection


def tell_to_come_again(blueprint: Blueprint) -> None:
    """While the database is away, providers are asked to try again."""

    @blueprint.errorhandler(OperationalError)
    @blueprint.errorhandler(NoConnection)
    def database_away(_error: Exception) -> Response:
        return Response("try again\n", 503, {"Retry-After": "5"}, mimetype="text/plain")
