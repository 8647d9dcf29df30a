"""Who may use each route: one line for every endpoint there is. `test_matrix.py` holds the application to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.organisations.models import Role, Scope

R, A, P, C, U, M = (
    Role.REGISTRAR,
    Role.AUTHOR,
    Role.APPROVER,
    Role.CASE_WORKER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)


@dataclass(frozen=True)
class Line:
    """A route's users, and whose things its address names."""

    kind: str
    """public, link, signed, officers, keys"""
    who: frozenset[str] = frozenset()
    """Roles, or scopes of which a key needs one."""
    thing: str | None = None

    def of(self, thing: str) -> Line:
        """The address names a thing of `world.Side`, which another organisation's officers must not find."""
        return replace(self, thing=thing)


PUBLIC = Line("public")
"""Anybody, signed in or not."""
LINK = Line("link", thing="link")
"""Whoever has a personal link; there is nothing under any other."""
SIGNED = Line("signed")
"""Twilio, by its signature; an SMS gateway, by its secret; or a token of ours in the address."""


def officers(*roles: Role) -> Line:
    """Officers with any of these roles; without roles, every officer."""
    return Line("officers", frozenset(role.value for role in roles or Role))


def keys(*scopes: Scope) -> Line:
    """Keys with any of these scopes."""
    return Line("keys", frozenset(scope.value for scope in scopes))


ROUTES: dict[str, Line] = {
    # operations
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
    # style and scripts
    "static": PUBLIC,
    "console.static": PUBLIC,
    "alerts_assets.static": PUBLIC,
    "posters_assets.static": PUBLIC,
    "public_alerts.static": PUBLIC,
    "sandbox_assets.static": PUBLIC,
    # everybody
    "people_pages.home": PUBLIC,
    "people_pages.choose_country": PUBLIC,
    "people_pages.register": PUBLIC,
    "people_pages.confirm": PUBLIC,
    "people_pages.send_again": PUBLIC,
    "people_pages.lost": PUBLIC,
    "people_pages.link_sent": PUBLIC,
    "people_pages.links_ended": PUBLIC,
    "people_pages.erased": PUBLIC,
    "relatives.start": PUBLIC,
    "relatives.code": PUBLIC,
    "relatives.whom": PUBLIC,
    "relatives.asked": PUBLIC,
    "public_alerts.index": PUBLIC,
    "public_alerts.country": PUBLIC,
    "public_keeping.keep": PUBLIC,
    "public_keeping.manifest": PUBLIC,
    "public_keeping.worker": PUBLIC,
    "sign_in.sign_in": PUBLIC,
    "sign_in.enter": PUBLIC,
    "sign_in.sign_out": PUBLIC,
    "openapi.spec": PUBLIC,
    # a person, by their link
    "people_pages.own": LINK,
    "people_pages.details": LINK,
    "people_pages.download": LINK,
    "people_pages.pause": LINK,
    "people_pages.erase": LINK,
    "people_pages.end_all_links": LINK,
    "people_pages.choose_new_country": LINK,
    "people_pages.move": LINK,
    "people_pages.add_contact": LINK,
    "people_pages.change_contact": LINK,
    "people_pages.confirm_contact": LINK,
    "checkins.state_safety": LINK,
    "conversation.state_needs": LINK,
    "conversation.quiet": LINK,
    "family.kin": LINK,
    "family.household": LINK,
    "relatives.answer": LINK,
    "sharing_pages.change": LINK,
    # signed
    "people_stop.stop": SIGNED,
    "webhooks.inbound": SIGNED,
    "webhooks.receipts": SIGNED,
    "gateway.receipts": SIGNED,
    "gateway.inbound": SIGNED,
    # officers
    "home.index": officers(),
    "second_step.ask": officers(),
    "second_step.give": officers(),
    "second_step.options": officers(),
    "account.index": officers(),
    "account.speak": officers(),
    "languages.index": officers(),
    "posters.index": officers(),
    "account.end": officers(),  # one's own sign-ins: whoever else's it is, nothing happens
    "account.end_others": officers(),
    "factors.set_up": officers(),
    "factors.take_app": officers(),
    "factors.options": officers(),
    "factors.add_passkey": officers(),
    "factors.remove_app": officers(),
    "factors.remove_passkey": officers(),
    "factors.new_codes": officers(),
    "account.password": officers(),
    "account.change": officers(),
    "staff.own_keys": officers(),
    "staff.take_key": officers().of("grant"),
    "staff.all_keys": officers(M),
    "staff.revoke_key": officers(M).of("key"),
    "staff.end_all_sign_ins": officers(M).of("officer"),
    "staff.end_sign_in": officers(M).of("officer"),
    "staff.index": officers(M),
    "staff.new": officers(M),
    "staff.ask_for_officer": officers(M),
    "staff.show": officers(M).of("officer"),
    "staff.change_roles": officers(M).of("officer"),
    "staff.ask_for_key": officers(M).of("officer"),
    "staff.ask_for_reset": officers(M).of("officer"),
    "staff.deactivate": officers(M).of("officer"),
    "staff.confirm": officers(M).of("grant"),
    "staff.refuse": officers(M).of("grant"),
    "staff.posts": officers(M),
    "staff.new_post": officers(M),
    "staff.open_post": officers(M),
    "staff.post": officers(M).of("post"),
    "staff.change_post": officers(M).of("post"),
    "sandbox.index": officers(R, C, M),
    "sandbox.search": officers(R, C, M),
    "sandbox.write": officers(R, C, M),
    "sandbox.thread": officers(R, C, M).of("conversation"),
    "sandbox.answer": officers(R, C, M).of("conversation"),
    "people.index": officers(R, C, M),
    "people.find": officers(R, C, M),
    "people.show": officers(R, C, M).of("person"),
    "people.reveal": officers(R, C).of("person"),
    "people.new": officers(R),
    "people.add": officers(R),
    "people.edit": officers(R).of("person"),
    "people.save": officers(R).of("person"),
    "people.add_contact": officers(R).of("person"),
    "people.remove_contact": officers(R).of("person"),
    "people.add_stay": officers(R).of("person"),
    "people.ask_to_erase": officers(R).of("person"),
    "people.erase": officers(R).of("person"),
    "imports.index": officers(R),
    "imports.new": officers(R),
    "imports.send": officers(R),
    "imports.example_file": officers(R),
    "imports.show": officers(R).of("import"),
    "imports.report": officers(R).of("import"),
    "imports.confirm": officers(R).of("import"),
    "imports.drop": officers(R).of("import"),
    "alerts.index": officers(),
    "alerts.exercises": officers(),
    "alerts.new": officers(A),
    "alerts.new_exercise": officers(A),
    "alerts.create_exercise": officers(A),
    "alerts.create": officers(A),
    "alerts.preview": officers(A),
    "alerts.show": officers().of("alert"),
    "reports.show": officers().of("alert"),
    "reports.download": officers().of("alert"),
    "alerts.progress": officers().of("alert"),
    "alerts.deliveries": officers().of("alert"),
    "alerts.edit": officers(A).of("draft"),
    "alerts.change": officers(A).of("draft"),
    "alerts.submit": officers(A).of("draft"),
    "alerts.approve": officers(P).of("draft"),
    "alerts.break_glass": officers(P).of("draft"),
    "alerts.correct": officers(A).of("alert"),
    "alerts.return_": officers(P).of("draft"),
    "alerts.pause": officers(A, P).of("alert"),
    "alerts.resume": officers(A, P).of("alert"),
    "alerts.cancel": officers(A, P).of("draft"),
    "responses.checkins": officers(A, P, C).of("alert"),
    "responses.ask_again": officers(A, P).of("alert"),
    "responses.no_news": officers(A, P).of("alert"),
    "responses.cases": officers(C),
    "responses.case": officers(C).of("case"),
    "responses.change": officers(C).of("case"),
    "responses.note": officers(C).of("case"),
    "responses.refer": officers(C).of("case"),
    "responses.withdraw": officers(C).of("case"),
    "responses.ask_consent": officers(C).of("case"),
    "inbox.index": officers(C),
    "inbox.shift": officers(C),
    "inbox.take_over": officers(C).of("handover"),
    "inbox.conversation": officers(C).of("person"),
    "inbox.reply": officers(C).of("person"),
    "inbox.act": officers(C).of("person"),
    "casework.points": officers(C, A),
    "casework.new_point": officers(C, A),
    "casework.point": officers(C, A).of("point"),
    "casework.referrals": officers(C),
    "casework.referral": officers(C).of("referral"),
    "casework.answer_referral": officers(C).of("referral"),
    "exports.index": officers(R, C, P, M),
    "exports.new": officers(R, C),
    "exports.ask": officers(R, C),
    "exports.show": officers(R, C, P, M).of("export"),
    "exports.decide": officers(R, P, M).of("export"),
    "exports.download": officers(R, C).of("export"),
    "sharing.index": officers(M),
    "sharing.new": officers(M),
    "sharing.countersign": officers(M).of("agreement"),
    "sharing.end": officers(M).of("agreement"),
    "shared.index": officers(R, C),
    "shared.people": officers(R, C).of("received"),
    "shared.reveal": officers(R, C).of("received"),
    "keys.index": officers(M),
    "keys.ask": officers(M).of("post"),
    "keys.approve": officers(M).of("shred"),
    "keys.withdraw": officers(M).of("shred"),
    "audit.index": officers(U, M),
    "design.index": officers(),  # in development only
    "audit.seen": officers(U, M),  # its number counts within the organisation: it names nothing of another
    # programs
    "people_api.register_person": keys(Scope.PEOPLE_WRITE),
    "people_api.list_people": keys(Scope.PEOPLE_READ),
    "people_api.search_people": keys(Scope.PEOPLE_READ),
    "people_api.get_person": keys(Scope.PEOPLE_READ).of("person"),
    "people_api.change_person": keys(Scope.PEOPLE_WRITE).of("person"),
    "people_api.erase_person": keys(Scope.PEOPLE_WRITE).of("person"),
    "imports_api.import_people": keys(Scope.PEOPLE_WRITE),
    "imports_api.list_all_imports": keys(Scope.PEOPLE_READ),
    "imports_api.get_one_import": keys(Scope.PEOPLE_READ).of("import"),
    "imports_api.list_import_rows": keys(Scope.PEOPLE_READ).of("import"),
    "imports_api.confirm_import": keys(Scope.PEOPLE_WRITE).of("import"),
    "imports_api.drop_import": keys(Scope.PEOPLE_WRITE).of("import"),
    "audit_api.list_audit": keys(Scope.AUDIT_READ),
    "alerts_api.draft_alert": keys(Scope.ALERTS_WRITE),
    "alerts_api.preview_alert": keys(Scope.ALERTS_READ),
    "alerts_api.list_alerts": keys(Scope.ALERTS_READ),
    "alerts_api.get_alert": keys(Scope.ALERTS_READ).of("alert"),
    "alerts_api.change_alert": keys(Scope.ALERTS_WRITE).of("draft"),
    "alerts_api.submit_alert": keys(Scope.ALERTS_WRITE).of("draft"),
    "alerts_api.approve_alert": keys(Scope.ALERTS_APPROVE).of("draft"),
    "alerts_api.break_glass_alert": keys(Scope.ALERTS_APPROVE).of("draft"),
    "alerts_api.return_alert": keys(Scope.ALERTS_APPROVE).of("draft"),
    "alerts_api.pause_alert": keys(Scope.ALERTS_WRITE).of("alert"),
    "alerts_api.resume_alert": keys(Scope.ALERTS_WRITE).of("alert"),
    "alerts_api.cancel_alert": keys(Scope.ALERTS_WRITE).of("draft"),
    "deliveries_api.get_deliveries": keys(Scope.ALERTS_READ).of("alert"),
    "responses_api.list_checkins": keys(Scope.ALERTS_READ, Scope.CASES_READ).of("alert"),
    "responses_api.list_cases": keys(Scope.CASES_READ),
    "responses_api.get_case": keys(Scope.CASES_READ).of("case"),
    "responses_api.change_case": keys(Scope.CASES_WRITE).of("case"),
    "exports_api.ask_for_export": keys(Scope.PEOPLE_READ),
    "exports_api.list_exports": keys(Scope.PEOPLE_READ),
    "exports_api.get_export": keys(Scope.PEOPLE_READ).of("export"),
    "exports_api.take_export": keys(Scope.PEOPLE_READ).of("export"),
}
