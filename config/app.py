"""The Flask application."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIFlask
from flask import request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import blueprints, chrome, edge, headers, operations
from config.logs import ExceptionInfo
from config.runtime import Runtime
from registry.api.pace import Pace
from registry.events import request as events
from registry.web.platform import Platform


class QuietApplication(APIFlask):
    """Logs a failure by its route: the address itself may hold somebody's personal link."""

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        """Called by Flask for what no handler took."""
        route = request.url_rule.rule if request.url_rule else "an unknown address"
        self.logger.error("%s %s failed", request.method, route, exc_info=exc_info)


def create_app(process: Runtime) -> APIFlask:
    """The whole web application for one process's settings, engine and keys."""
    settings = process.settings
    app = QuietApplication(
        "config",
        title="Rollcall",
        version="1",
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    app.config.update(
        SECRET_KEY=settings.secret_key_text,
        SESSION_COOKIE_NAME="__Host-rollcall" if settings.https else "rollcall",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=8),
        WTF_CSRF_TIME_LIMIT=8 * 3600,
        WTF_CSRF_SSL_STRICT=settings.https,
        TEMPLATES_AUTO_RELOAD=False,
        OPENAPI_VERSION="3.1.0",
    )
    app.extensions["rollcall"] = Platform(
        unconfirmed_days=settings.keep_unconfirmed_days,
        silent_days=settings.ask_silent_after_days,
        answer_days=settings.erase_silent_after_days,
        keyring=process.keyring,
        base_url=settings.base_url,
        https=settings.https,
        sandbox_sms="sandbox" in settings.sms_providers,
        sandbox_email="sandbox" in settings.email_providers,
        providers={"sms": settings.sms_providers, "email": settings.email_providers},
        twilio_tokens=(settings.twilio_auth_token.get_secret_value(),) if settings.twilio_auth_token else (),
        gateway_secret=settings.gateway_inbound_secret.get_secret_value(),
        gateway_networks=settings.gateway_networks,
        join_number=settings.number_to_text,
        sms_rate=settings.sms_rate,
        email_rate=settings.email_rate,
        sms_countries=settings.sms_country_codes,
        sms_codes_a_day=settings.sms_codes_a_day,
        segment_price=settings.sms_segment_price,
        currency=settings.currency,
        export_limit=settings.export_limit,
        confirm_above=settings.confirm_above,
        one_time_life=settings.one_time_life,
        plea_unread_minutes=settings.plea_unread_minutes,
        pace=Pace(settings.api_rate),
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)  # type: ignore[method-assign]
    edge.install(app, edge.Hosts(settings.public_url, settings.trusted_host_names))
    csrf = CSRFProtect(app)
    chrome.install(app)
    headers.install(app, https=settings.https)
    events.install(app)
    operations.install(app, process.engine)
    blueprints.register(app, csrf, development=settings.in_development)
    return app
