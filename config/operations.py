"""Health, readiness and metrics."""

from __future__ import annotations

from flask import Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config.metrics import make_registry
from config.migrate import is_current


def install(app: Flask, engine: Engine) -> None:
    """Add `/healthz` (the process lives), `/readyz` (the database answers and has the right shape), `/metrics`."""

    registry = make_registry()

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    def readyz() -> Response:
        try:
            with engine.connect() as connection:
                current = is_current(connection)
        except SQLAlchemyError:
            return Response("the database can't be reached\n", 503, mimetype="text/plain")
        if not current:
            return Response("the database is not in the newest shape\n", 503, mimetype="text/plain")
        return Response("ready\n", mimetype="text/plain")

    @app.get("/metrics")
    def metrics() -> Response:
        try:
            return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
        except SQLAlchemyError:
            return Response("the database can't be reached\n", 503, mimetype="text/plain")
