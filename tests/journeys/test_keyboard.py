"""What is done a hundred times a day can be done without a mouse."""

from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Opens
from tests.journeys.people import Person
from tests.journeys.site import Site

FAR = 60
"""More steps than any page here needs to any field."""
MARKED = """(one) => [one, one.nextElementSibling].some((it) => {
  const style = it ? getComputedStyle(it) : null;
  return style && (style.outlineStyle !== "none" || style.boxShadow !== "none");
})"""


def tab_to(person: Person, target: Locator) -> None:
    """Press Tab until the target has the focus, and insist that one sees where the focus is."""
    for _step in range(FAR):
        if target.evaluate("(one) => one === document.activeElement"):
            break
        person.page.keyboard.press("Tab")
    expect(target).to_be_focused()
    expect(target).to_be_in_viewport()
    assert target.evaluate(MARKED), "the focus cannot be seen"


def press(person: Person, *keys: str) -> None:
    for key in keys:
        person.page.keyboard.press(key)


def test_the_first_tab_leads_past_the_navigation(people: Opens) -> None:
    collector = people("collector").open("/stores")
    tab_to(collector, collector.page.get_by_role("link", name="Skip to the content"))
    press(collector, "Enter")
    expect(collector.page.locator("#main")).to_be_focused()


def test_a_bag_is_registered_and_undone_by_keyboard_alone(people: Opens) -> None:
    collector = people("collector", phone=True).open("/register")
    tab_to(collector, collector.field("Department"))
    press(collector, "ArrowDown")
    tab_to(collector, collector.page.locator("[name=waste]").first)
    press(collector, "Space", "ArrowDown")
    expect(collector.page.locator("[name=waste]").nth(1)).to_be_checked()
    tab_to(collector, collector.field("Mass"))
    collector.page.keyboard.type("1.25")
    with collector.page.expect_navigation():
        press(collector, "Enter")
    collector.sees("1.25 kg", "sharps waste")
    tab_to(collector, collector.page.get_by_role("button", name="Undo"))
    press(collector, "Enter")
    expect(collector.page.locator("dialog")).to_be_visible()
    tab_to(collector, collector.page.locator("dialog button[value=yes]"))
    with collector.page.expect_navigation():
        press(collector, "Enter")
    collector.sees("Nothing sealed in this round")


def test_what_is_wrong_has_the_focus_and_leads_to_its_field(people: Opens) -> None:
    collector = people("collector", phone=True).open("/register")
    tab_to(collector, collector.field("Mass"))
    collector.page.keyboard.type("12,5 kg")
    with collector.page.expect_navigation():
        press(collector, "Enter")
    expect(collector.page.locator("[data-error-summary]")).to_be_focused()
    tab_to(collector, collector.page.locator("[data-error-summary] a[href='#field-mass']"))
    press(collector, "Enter")
    expect(collector.field("Mass")).to_have_value("12,5 kg")
    expect(collector.field("Mass")).to_be_in_viewport()


def test_a_load_is_scanned_and_signed_for_by_keyboard_alone(people: Opens, site: Site) -> None:
    boxes = [site.chain.bag(), site.chain.bag()]
    made = site.chain.sign(boxes)
    driver = people("driver", phone=True).open(f"/trips/{made.id}")
    for done, box in enumerate(boxes, 1):
        tab_to(driver, driver.field("Scan the next label"))
        driver.page.keyboard.type(box.code)
        with driver.page.expect_navigation():
            press(driver, "Enter")
        driver.sees(f"{done}/2")
    tab_to(driver, driver.page.get_by_role("button", name="Sign part two and depart"))
    with driver.page.expect_navigation():
        press(driver, "Enter")
    driver.sees("On the way with {n} {n:container|containers}.", n=2)
