"""A hospital asks to be admitted from a telephone, its county admits it, and its first manager comes in."""

import re

from tests.journeys.conftest import Opens
from tests.journeys.looks import flaws
from tests.world import COUNTY, credit_code

CHOSEN = "Another-horse-8"


def test_a_hospital_asks_is_admitted_and_begins(people: Opens) -> None:
    guest = people("guest", language="zh", phone=True).open(f"/register-organisation?region={COUNTY}")
    guest.page.locator("[name=name]").fill("演示新医院")
    guest.tick("Hospital").fill("Unified social credit code", credit_code(800))
    guest.fill("Address", "演示路8号").fill("Contact", "演示张三").fill("Telephone", "0311-00000008")
    guest.fill("Emergency telephone", "0311-00000009").fill("Beds", "30")
    guest.fill("Person's name", "演示李四").fill("Username", "li.si").press("Send the request")
    guest.sees("Reference").shot("asked")
    asked = guest.page.url.removeprefix(guest.site.address)
    assert flaws(guest.page, "zh") == []

    county = people("approver", language="en").open("/").follow("Review requests").follow("演示新医院")
    county.shot("review")
    county.press("Admit the organisation", sure=True).sees("The link is made")
    link = re.search(r"/invitation/[0-9A-Z]{26}", county.page.inner_text("main"))
    assert link is not None

    guest.open(asked).sees("The organisation is admitted.").open(link.group())
    guest.fill("New password", CHOSEN).fill("New password once more", CHOSEN).press("Set the password")
    guest.fill("Username", "li.si").fill("Password", CHOSEN).press("Sign in").sees("演示新医院")
    assert guest.open("/accounts").page.get_by_role("link", name="li.si").count() == 1
    assert flaws(guest.page, "zh") == []
