"""People in front of a browser: what they press, type and see, and a browser that tolerates nothing improper."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Page, expect

from tests.journeys.site import Site
from tests.world import PASSWORD
from wastetrack.domain.problems import Fact
from wastetrack.infra.i18n import CHINESE, ENGLISH, _, speaking

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
SHOTS = os.environ.get("SHOTS")
"""A folder in which to keep pictures of the pages, for whoever wants to look at them."""

PATIENCE = 20_000
"""Milliseconds to wait for what must come: much, because a busy machine is no defect."""


@dataclass
class Person:
    """One person, signed in, at a phone or a desk."""

    name: str
    site: Site
    context: BrowserContext
    page: Page
    language: str
    complaints: list[str] = field(default_factory=list)

    # --- words ---

    def words(self, text: str, **facts: Fact) -> str:
        """Say a message in the language of the person's pages; what is no message stays as it is."""
        with speaking(ENGLISH if self.language == "en" else CHINESE):
            return _(text, **facts)

    # --- moving about ---

    def open(self, path: str) -> "Person":
        """Go to an address of the site."""
        answer = self.page.goto(self.site.address + path)
        assert answer is not None
        assert answer.status < 500, f"{path} answers {answer.status}"
        return self

    def follow(self, name: str, **facts: Fact) -> "Person":
        """Click the link that says so."""
        self.page.get_by_role("link", name=self.words(name, **facts)).first.click()
        return self

    def press(self, name: str, *, sure: bool = False, **facts: Fact) -> "Person":
        """Click the button that says so, and confirm when asked."""
        self.page.get_by_role("button", name=self.words(name, **facts)).first.click()
        if sure:
            self.page.locator("dialog button[value=yes]").click()
        return self

    def field(self, label: str) -> Locator:
        """Return the field of this label."""
        return self.page.get_by_label(self.words(label)).first

    def fill(self, label: str, text: str) -> "Person":
        """Type into the field of this label."""
        self.field(label).fill(text)
        return self

    def scan(self, label: str, text: str) -> "Person":
        """Type as a barcode gun does: the text, then Enter."""
        self.fill(label, text)
        with self.page.expect_navigation():
            self.field(label).press("Enter")
        return self

    def choose(self, label: str, text: str) -> "Person":
        """Choose the entry of a list that contains the text."""
        entries = self.field(label).locator("option").all_inner_texts()
        self.field(label).select_option(label=next(one for one in entries if text in one))
        return self

    def tick(self, label: str, **facts: Fact) -> "Person":
        """Tick a box or a choice."""
        self.page.get_by_label(self.words(label, **facts)).first.check()
        return self

    # --- seeing ---

    def sees(self, *texts: str, **facts: Fact) -> "Person":
        """Insist that the page says all this."""
        for text in (self.words(one, **facts) for one in texts):
            try:
                expect(self.page.locator("body")).to_contain_text(text, timeout=PATIENCE, use_inner_text=True)
            except AssertionError:
                seen = self.page.locator("main").inner_text()
                raise AssertionError(f"{self.name} at {self.page.url} does not see {text!r} but:\n{seen}") from None
        return self

    def does_not_see(self, *texts: str, **facts: Fact) -> "Person":
        """Insist that the page, once it is there, says none of this."""
        for text in texts:
            expect(self.page.locator("main")).not_to_contain_text(self.words(text, **facts), timeout=PATIENCE)
        return self

    def fetch(self, path: str) -> APIResponse:
        """Load a file with the person's cookies."""
        answer = self.context.request.get(path if path.startswith("http") else self.site.address + path)
        assert answer.ok, f"{path} answers {answer.status}"
        return answer

    def href(self, name: str) -> str:
        """Return where a link leads."""
        return self.page.get_by_role("link", name=self.words(name)).first.get_attribute("href") or ""

    # --- what must hold all the time ---

    def watch(self) -> None:
        """Write down whatever the browser complains of, and whomever it talks to."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("request", lambda request: self._request(request.url))

    def _console(self, message) -> None:  # type: ignore[no-untyped-def]
        # A refused act is answered with 4xx, which Chromium also writes to its console: that is no complaint.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith((self.site.address, "blob:", "data:")):
            self.complaints.append(f"{self.page.url}: asked {url}")

    def shot(self, page: str) -> None:
        """Keep a picture of the page when pictures are wanted."""
        if SHOTS:
            width = (self.page.viewport_size or PHONE)["width"]
            path = Path(SHOTS) / f"{self.name}-{page}-{width}-{self.language}.png"
            self.page.screenshot(path=path, full_page=True)


@contextmanager
def at_work(
    browser: Browser,
    site: Site,
    name: str,
    *,
    phone: bool = False,
    language: str = "en",
    scripts: bool = True,
    as_of: "Person | None" = None,
) -> Iterator[Person]:
    """Yield a person of the world, signed in through the page (or with another's cookies), then check the browser."""
    context = browser.new_context(
        viewport=PHONE if phone else DESK,  # type: ignore[arg-type]
        locale=LOCALES[language],
        timezone_id="Asia/Shanghai",
        has_touch=phone,
        is_mobile=phone,
        java_script_enabled=scripts,
        permissions=["camera"],
        storage_state=as_of.context.storage_state() if as_of else None,
    )
    context.set_default_timeout(PATIENCE)
    person = Person(name, site, context, context.new_page(), language)
    person.watch()
    try:
        if as_of is None and name in site.world.people:
            sign_in(person)
        yield person
        assert person.complaints == []
    finally:
        context.close()


def sign_in(person: Person) -> None:
    """Sign in through the page, by keyboard."""
    person.open("/sign-in")
    person.page.locator("[name=username]").fill(person.name.replace("_", "."))
    person.page.locator("[name=password]").fill(PASSWORD)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    assert "/sign-in" not in person.page.url, f"{person.name} cannot sign in: {person.page.inner_text('main')}"
