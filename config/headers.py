"""The headers that tell a browser what our pages never do, so that it lets nobody else do it in them.

Scripts run by nonce alone: our own files are not trusted for their address, so that neither an upload nor an answer of
the API can be made into one. There is no inline script or style, and what a script may turn into HTML is bound to the
policies named under `trusted-types`, each used by one file of ours.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request
from jinja2.ext import Extension

from registry.web.policy import allowed

POLICIES = "composer keep poll progress"
"""Names of the trusted-types policies in our scripts."""
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with none at all, the check of forms over https would fail
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), bluetooth=(), midi=(), "
        "display-capture=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
}
HSTS = "max-age=63072000; includeSubDomains"
"""Two years (OWASP ASVS 5.0 §3.4.1)."""
FOR_EVER = "public, max-age=31536000, immutable"


class ScriptNonces(Extension):
    """Gives each script tag of a template the nonce of the answer; one that comes in by a value has none."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Before the template is compiled, so that no template can forget it."""
        return source.replace("<script ", '<script nonce="{{ csp_nonce() }}" ')


def csp_nonce() -> str:
    """128 random bits, the same throughout one answer."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def content_security_policy() -> str:
    """CSP level 3, of this answer. Without a script in the page no script is allowed at all."""
    scripts = f"'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'none'"
    more = "".join(f"; {directive}" for directive in allowed())
    return (
        f"default-src 'none'; object-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"require-trusted-types-for 'script'; trusted-types {POLICIES}{more}"
    )


def install(app: Flask, *, https: bool) -> None:
    """Put them on every answer."""
    app.jinja_env.add_extension(ScriptNonces)
    app.jinja_env.globals.update(csp_nonce=csp_nonce)

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers["Strict-Transport-Security"] = HSTS
        _say_who_may_keep_it(response)
        return response


def _say_who_may_keep_it(response: Response) -> None:
    """Static files by the digest in their address for ever; anything else may be about somebody, and nobody may."""
    if (request.endpoint or "").endswith("static") and request.args.get("v") and response.status_code == 200:
        response.headers["Cache-Control"] = FOR_EVER
    elif not response.cache_control.max_age:
        response.headers["Cache-Control"] = "no-store"
