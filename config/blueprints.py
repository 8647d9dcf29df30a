"""Which blueprints the application has."""

from __future__ import annotations

from apiflask import APIFlask
from flask_wtf.csrf import CSRFProtect

from alerts.canaries.console.banner import banner
from alerts.casework.console import blueprint as casework_console
from alerts.conversation.pages import blueprint as conversation
from alerts.delivery.api import deliveries_api
from alerts.family.pages import blueprint as family
from alerts.family.relatives import blueprint as relatives
from alerts.inbox.console import blueprint as inbox_console
from alerts.languages.console import blueprint as languages_console
from alerts.lifecycle.api import alerts_api
from alerts.lifecycle.console import assets as alerts_assets
from alerts.lifecycle.console import blueprint as alerts_console
from alerts.posters.console import assets as posters_assets
from alerts.posters.console import blueprint as posters_console
from alerts.public.keeping import blueprint as public_keeping
from alerts.public.views import blueprint as public_alerts
from alerts.reports.console import blueprint as reports_console
from alerts.responses.api import responses_api
from alerts.responses.console import blueprint as responses_console
from alerts.responses.pages import blueprint as checkins
from alerts.sandbox import views as sandbox
from alerts.webhooks.gateway import blueprint as gateway
from alerts.webhooks.views import blueprint as webhooks
from config.design import design
from registry.api import document
from registry.audit.api import audit_api
from registry.audit.console import audit_console
from registry.custody.console import keys_console
from registry.exports.api import exports_api
from registry.exports.console import exports_console
from registry.factors.console import factors_console, second_step
from registry.imports.api import imports_api
from registry.imports.console import imports_console
from registry.organisations.console import account, entry, home
from registry.people.api import people_api
from registry.people.console import people_console
from registry.people.pages import people_pages, people_stop
from registry.sharing.console import shared_console, sharing_console
from registry.sharing.pages import sharing_pages
from registry.staff.console import staff_console
from registry.web.console import chrome as console
from registry.web.console.chrome import add_notice

APIS = (people_api, imports_api, alerts_api, deliveries_api, responses_api, audit_api, exports_api)
CONSOLE = (
    console.blueprint,
    entry.blueprint,
    second_step,
    account.blueprint,
    factors_console,
    home.blueprint,
    alerts_assets,
    alerts_console,
    posters_assets,
    posters_console,
    reports_console,
    inbox_console,
    responses_console,
    casework_console,
    people_console,
    staff_console,
    imports_console,
    keys_console,
    sharing_console,
    shared_console,
    languages_console,
    audit_console,
    exports_console,
)


def register(app: APIFlask, csrf: CSRFProtect, *, development: bool) -> None:
    """Pages for people and officers, the API, and the webhooks; those that carry no cookie need no CSRF token."""
    for api in APIS:
        csrf.exempt(api)
        app.register_blueprint(api)
    for hooks in (webhooks, gateway):
        csrf.exempt(hooks)
        app.register_blueprint(hooks)
    for pages in CONSOLE:
        app.register_blueprint(pages)
    if app.extensions["rollcall"].sandbox_sms or app.extensions["rollcall"].sandbox_email:
        app.register_blueprint(sandbox.blueprint)
        app.register_blueprint(sandbox.assets)
    app.register_blueprint(people_pages)
    app.register_blueprint(public_alerts)
    app.register_blueprint(public_keeping)
    app.register_blueprint(checkins)
    app.register_blueprint(conversation)
    app.register_blueprint(family)
    app.register_blueprint(relatives)
    app.register_blueprint(sharing_pages)
    csrf.exempt(people_stop)
    app.register_blueprint(people_stop)
    if development:
        app.register_blueprint(design)
    document.install(app)
    add_notice(app, banner)
