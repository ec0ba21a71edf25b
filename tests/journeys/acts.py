"""The acts that several journeys share, done through the pages by whoever's work they are."""

import re

from tests.journeys.people import Person
from wastetrack.domain.container_code import ContainerCode, pretty

_CODE = re.compile(r"([0-9A-Z]{4})-([0-9A-Z]{4})-([0-9A-Z]{4})")


def sealed(who: Person, kind: str, mass: str, department: str | None = None) -> str:
    """Register one bag by at most three inputs and return the code that it was given."""
    who.open("/register")
    if department:
        who.choose("Department", department)
    who.tick(kind).fill("Mass", mass).press("Seal and label").sees(f"{mass} kg")
    told = who.page.locator("main .notice").first.inner_text()
    found = _CODE.search(told)
    assert found, told
    return "".join(found.groups())


def loaded_and_gone(driver: Person, number: str, codes: list[str]) -> None:
    """Scan these boxes onto the vehicle, leave whatever else is on the manifest, depart, arrive."""
    driver.open("/trips").follow("Load containers")
    driver.sees(number)
    for code in codes:
        driver.scan("Scan the next label", code)
    driver.press("Sign part two and depart").sees("On the way with {n} {n:container|containers}.", n=len(codes))
    driver.press("I have arrived").sees("Arrived. What comes off the vehicle is scanned by the receiver.")


def scanned_in(operator: Person, number: str, codes: list[str]) -> None:
    """Scan these boxes in at the gate, as a barcode gun reads their labels."""
    operator.open("/receipts").follow(number)
    for code in codes:
        operator.scan("Code on the label", f"{operator.site.address}/C/{code}".upper())
        operator.sees("{code} is received. Manifest {number}.", code=pretty(ContainerCode(code)), number=number)


def treated(operator: Person, count: int) -> None:
    """Treat all that stands in the plant's store in one batch."""
    operator.open("/treatment").follow("Tick all").tick("Y10")
    operator.press("Review the batch").sees("Record this batch as treated")
    operator.press("Confirm: {n} {n:box|boxes} treated", n=count).sees("Treated")


def number_of(page_of: Person) -> str:
    """Return the number that the manifest on the page has."""
    number = page_of.page.locator("h1 .code-text").inner_text()
    assert re.fullmatch(r"2026\d{10}", number)
    return number


def shown(code: str) -> str:
    """Write a code as people read it."""
    return pretty(ContainerCode(code))
