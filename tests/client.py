"""A browser for tests: keeps cookies, sends tokens, and checks every answer it gets as a strict reader would."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"|name="csrf-token" content="([^"]+)"')
_REMOTE = re.compile(r'(?:src|href|action)="(?:https?:)?//')


def words_on(page: str) -> str:
    """Return the hash of the words over the signature on a page, as its form sends it back; nothing where none is."""
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
    return found.group(1) if found else ""


@dataclass
class Browser:
    """One person's browser. `get` and `post` return the answer after checking its headers and its page."""

    app: Flask
    language: str = "zh-CN"
    _token: str = ""
    _client: Any = field(init=False)

    def __post_init__(self) -> None:
        """Start with no cookies."""
        self._client = self.app.test_client()

    def get(self, path: str, *, follow: bool = False, **options: Any) -> TestResponse:
        """Open a page."""
        answer = self._client.get(path, headers={"Accept-Language": self.language}, follow_redirects=follow, **options)
        return self._checked(answer)

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, follow: bool = False, **options: Any
    ) -> TestResponse:
        """Send a form, with the token of the page opened last."""
        if not self._token:
            self.get("/sign-in")
        answer = self._client.post(
            path,
            data={"csrf_token": self._token, **(data or {})},
            headers={"Accept-Language": self.language},
            follow_redirects=follow,
            **options,
        )
        return self._checked(answer)

    def sign_in(self, username: str, password: str) -> TestResponse:
        """Sign in through the page."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": password})
        self.get("/")
        return answer

    def _checked(self, answer: TestResponse) -> TestResponse:
        assert answer.status_code != 500, "a page must never fail"
        for header in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
            assert answer.headers.get(header), f"{header} is missing"
        if answer.mimetype == "text/html" and answer.data and not 300 <= answer.status_code < 400:
            self._read(answer.text)
        return answer

    def _read(self, page: str) -> None:
        found = _TOKEN.search(page)
        if found:
            self._token = found.group(1) or found.group(2)
        if "<html" not in page:
            return
        assert not _REMOTE.search(page), "a page names another host"
        for inline in (" style=", " onclick="):
            assert inline not in page, "the content policy forbids inline style and script"
        assert re.search(r'<html lang="(zh-Hans-CN|en)"', page), "the page does not say its language"
