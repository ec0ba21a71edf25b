"""What every answer carries so that a browser refuses what we never do (OWASP ASVS 5.0, chapter on the front end)."""

from flask import Flask, Response, g, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SANDBOX = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox",
    )
)
"""For a file that somebody sent: a browser shows it as a place of its own, and runs nothing that stands in it."""


def sandboxed(response: Response) -> Response:
    """Have an answer go out as somebody's file."""
    response.headers["Content-Security-Policy"] = SANDBOX
    g.somebodys_file = response
    return response


def init(app: Flask, *, secure: bool) -> None:
    """Put the headers on every answer; strict transport only where the site is reached over TLS."""

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        if g.get("somebodys_file") is not response:
            headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        # An address with a token opens something by itself: not even our own log of requests is to learn it.
        headers["Referrer-Policy"] = "strict-origin" if "token" in (request.view_args or {}) else "same-origin"
        headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response
