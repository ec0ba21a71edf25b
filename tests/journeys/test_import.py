"""A county's file, from the template to the records, by the hand of the system administrator."""

from playwright.sync_api import FilePayload

from tests.features.imports.files import hospital, text
from tests.journeys.conftest import Opens
from tests.journeys.looks import flaws
from tests.journeys.people import DESK, PHONE, Person


def looks_right(person: Person, page: str) -> None:
    """Look at the page in both widths."""
    for width in (DESK, PHONE):
        person.page.set_viewport_size(width)  # type: ignore[arg-type]
        person.shot(page)
        assert flaws(person.page, person.language) == []
    person.page.set_viewport_size(DESK)  # type: ignore[arg-type]


def sends(person: Person, content: bytes) -> None:
    """Choose the file and send it."""
    file: FilePayload = {"name": "正定县单位.csv", "mimeType": "text/csv", "buffer": content}
    person.page.locator("input[type=file]").set_input_files(file)
    with person.page.expect_navigation():
        person.press("Send and check")


def the_whole_way(person: Person, first: int) -> None:
    """From the list to the result, with a wrong row and a long file on the way."""
    person.open("/imports").page.locator("main").get_by_role("link", name=person.words("Organisations")).click()
    looks_right(person, "import-new")
    sends(person, text([hospital(first), hospital(first + 1), hospital(first + 2, phone="", region_code="火星县")]))
    person.sees("Checked. Nothing is saved yet.", "Row by row")
    looks_right(person, "import-checked")
    person.press("Save {n} {n:row|rows}", n=2).sees("This cannot be accepted yet")
    person.tick("Import the right rows, leave the wrong ones").press("Save {n} {n:row|rows}", n=2)
    person.sees("The file is imported.")
    looks_right(person, "import-done")
    person.open("/imports/new/organisations")
    sends(person, text([hospital(first + number) for number in range(10, 220)]))
    person.sees("Checking the rows", "Show how far it is")
    looks_right(person, "import-progress")
    person.site.app.extensions["wastetrack.outbox"].run_due()
    person.sees("Checked. Nothing is saved yet.")
    person.open("/imports").sees("Imports so far", "正定县单位.csv")
    looks_right(person, "imports")


def test_a_file_is_checked_read_and_saved(people: Opens) -> None:
    the_whole_way(people("system_admin", language="zh"), 500)
    the_whole_way(people("system_admin", language="en"), 2000)


def test_accounts_from_a_file_get_their_passwords_in_a_file(people: Opens) -> None:
    row = {"username": "county.demo", "name": "演示监管", "roles": "监管人员", "region_code": "130123"}
    person = people("security_admin", language="zh")
    person.open("/imports/new/users")
    looks_right(person, "import-users")
    sends(person, text([row]))
    person.press("Save {n} {n:row|rows}", n=1).sees("The file is imported.", "One-time passwords")
    looks_right(person, "import-passwords")
    with person.page.expect_download() as download:
        person.press("Make and download passwords")
    assert download.value.suggested_filename.endswith(".xlsx")
    person.page.reload()
    person.does_not_see("Make and download passwords")
