"""Every page that each kind of user can come to, in both languages, on a phone and at a desk."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from werkzeug.exceptions import HTTPException

from tests import stores
from tests.journeys.looks import flaws
from tests.journeys.people import DESK, PHONE, Person, at_work
from tests.journeys.site import Site, serving
from tests.journeys.trade import a_day_of_trade, people_come_and_go
from tests.world import World

PEOPLE = (
    "anyone", "collector", "manager", "doctor_a", "driver", "attendant", "operator", "factory", "county",
    "inspector", "commander", "approver",
    "system_admin", "security_admin", "audit_admin",
)  # fmt: skip
SAME_FOR_ALL = {
    "catalogue.catalogue_page", "catalogue.code_page", "accounts.sign_in_page", "accounts.password_page",
    "containers.find_code_page", "manifests.check_page", "nothing",
}  # fmt: skip
"""Pages that do not change with who reads them are looked at for the first reader only."""
MANY_FACES = {"manifests.manifest_page": 3, "manifests.trip_page": 3, "manifests.receipt_page": 2}
"""Pages that look different as the load goes on: so many of them are looked at, in Chinese."""
NO_PAGES = (".pdf", ".png", ".svg", ".xlsx", ".csv", ".json", ".pem")


@pytest.fixture(scope="module")
def site(
    living_template: tuple[str, World], server: str | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site in which everything that can happen in a day has happened."""
    url, world = living_template
    folder = tmp_path_factory.mktemp("pages")
    with stores.copy_of(url, server, folder) as own, serving(own, world, folder) as running:
        a_day_of_trade(running)
        people_come_and_go(running)
        running.app.extensions["wastetrack.sealer"].round()
        running.held_in_hand.append("/ledger/heads")
        yield running


@pytest.fixture(scope="module")
def seen() -> set[tuple[str, str]]:
    """Pages that need no second look: (language, page)."""
    return set()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PEOPLE)
def test_every_page_can_be_read_and_used_by_anyone(
    chrome: Browser, site: Site, seen: set[tuple[str, str]], name: str, language: str
) -> None:
    with at_work(chrome, site, name, language=language) as person:
        wrong = {path: found for path in reachable(person, seen) if (found := looked_at(person, path))}
    assert wrong == {}


def reachable(person: Person, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Yield an address of each kind of page that the person's pages lead to, breadth first.

    What a role changes is looked at in Chinese for every role; in English each kind of page is looked at once.
    """
    waiting = ["/", "/sign-in", "/nothing-here"]
    for path in person.site.held_in_hand if person.name == "anyone" else ():
        yield path
    known: set[str] = set()
    met: Counter[str] = Counter()
    while waiting:
        path = waiting.pop(0)
        kind = kind_of(person.site, path)
        enough = 1 if person.language == "en" else MANY_FACES.get(kind, 1)
        if path in known or met[kind] >= enough or kind == "static":
            continue
        known.add(path)
        met[kind] += 1
        again = (person.language, kind) in seen and (person.language == "en" or kind in SAME_FOR_ALL)
        seen.add((person.language, kind))
        if again:
            person.open(path)
        else:
            yield path
        links = person.page.eval_on_selector_all("a[href]", "found => found.map((one) => one.getAttribute('href'))")
        waiting += [link for link in links if link.startswith("/") and not urlsplit(link).path.endswith(NO_PAGES)]


def kind_of(site: Site, path: str) -> str:
    """Return the name of the page behind an address."""
    try:
        endpoint, _values = site.app.url_map.bind("").match(urlsplit(path).path)
    except HTTPException:
        return "nothing"
    return str(endpoint)


def looked_at(person: Person, path: str) -> list[str]:
    """Open the page once and look at it in both widths."""
    person.open(path)
    found = []
    for width in (PHONE, DESK):
        person.page.set_viewport_size(width)  # type: ignore[arg-type]
        found += [f"{width['width']} px: {flaw}" for flaw in flaws(person.page, person.language)]
        person.shot(kind_of(person.site, path))
    return found
