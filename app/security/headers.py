"""The headers of every answer: pages, static files and errors alike."""

from __future__ import annotations

from flask import Flask, Response, request

from config import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

EVERYWHERE = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: under TLS the CSRF check compares the referrer with the host.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

ONE_YEAR = "max-age=31536000"


def init_app(app: Flask, settings: Settings) -> None:
    """Add the headers after every request."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in EVERYWHERE.items():
            response.headers[name] = value
        if settings.tls:
            response.headers["Strict-Transport-Security"] = ONE_YEAR
        if request.endpoint != "static":
            # A page that polls may choose `private, no-cache` to be answered with 304.
            response.headers.setdefault("Cache-Control", "no-store")
            response.vary.add("Cookie")
        return response
