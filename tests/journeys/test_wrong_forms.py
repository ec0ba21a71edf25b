"""A form with something wrong, on a phone: what is wrong is never hidden under what stands at the thumb."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Opens

SEEN = """(id) => {
  const error = document.getElementById(id), box = error.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return top !== null && (error === top || error.contains(top));
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_line_of_the_summary_leads_to_an_error_in_plain_sight(people: Opens, language: str) -> None:
    collector = people("collector", phone=True, language=language).open("/register")
    collector.press("Seal and label").sees("This cannot be accepted yet")
    for number, field in enumerate(("waste", "mass")):
        collector.page.locator(".error-summary a").nth(number).click()
        expect(collector.page.locator(f"#field-{field}")).to_be_focused()
        # The browser scrolls there some frames after it moved the focus.
        collector.page.wait_for_function(SEEN, arg=f"field-{field}-error")
