"""From the ward of a hospital to the furnace, with a driver in between and a regulator behind."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import NOON
from tests.documents.paper import picture, scanned, text_of
from tests.journeys.acts import number_of, sealed, shown, treated
from tests.journeys.conftest import Opens
from tests.journeys.people import Person
from tests.journeys.pictures import label_on, photo_of, show_to_camera
from tests.journeys.site import Site
from wastetrack.domain.times import local_day
from wastetrack.features.containers.models import Container
from wastetrack.features.ledger import queries as ledger_queries
from wastetrack.features.ledger import service as ledger
from wastetrack.features.parties import service as parties
from wastetrack.features.parties.queries.presence import in_force
from wastetrack.infra.db import reader

BAGS = (("infectious waste", "3.42"), ("sharps waste", "1.05"), ("pathological waste", "0.80"))


@pytest.mark.parametrize("language", ["zh"])
def test_waste_goes_from_the_ward_to_the_furnace_and_the_regulator_can_prove_it(
    people: Opens, site: Site, film: Path, language: str
) -> None:
    collector = people("collector", phone=True, language=language)
    codes = [sealed(collector, kind, mass, "内科") for kind, mass in BAGS]
    labels = [label_of(collector, code) for code in codes]
    put_away(collector)

    manager = people("manager", language=language)
    number, manifest = signed(manager)
    draft_print = printed(manager, manifest, "?version=1")
    signed_print = printed(manager, manifest)

    driver = people("driver", phone=True, language=language)
    plain = people("driver", phone=True, language=language, scripts=False, as_of=driver)
    loaded_in_three_ways(driver, plain, number, codes, labels, film)
    driver.press("Sign part two and depart").sees("On the way with {n} {n:container|containers}.", n=3)
    driver.press("I have arrived").sees("Arrived. What comes off the vehicle is scanned by the receiver.")

    operator = people("operator", language=language)
    received(operator, number, codes)
    treated(operator, 3)

    manager.open(f"/manifests/{manifest}").sees("completed", "treated")
    last_print = printed(manager, manifest)
    assert printed(manager, manifest) == last_print
    assert number in text_of(last_print)

    followed(people("county", language=language), number, manifest, codes[0])
    anyone = people("anyone", phone=True, language=language)
    checked(anyone, {"Genuine and current": [last_print], "Genuine, but out of date": [signed_print, draft_print]})
    assert life_of(site, codes[0]) == ["registered", "label_printed", "store", "load", "accept", "treat"]


# --- the collector ---------------------------------------------------------------------------------------------------


def label_of(collector: Person, code: str) -> bytes:
    """Print the label and read its code as a phone would."""
    collector.open(f"/labels/print?codes={code}").press("Print {n} {n:label|labels}", n=1)
    pdf = collector.fetch(collector.href("Open the labels")).body()
    assert scanned(picture(pdf)) == [f"{collector.site.address}/C/{code}".upper()]
    return pdf


def put_away(collector: Person) -> None:
    """Put the whole round into the hospital's store."""
    collector.open("/register")
    store = collector.site.world.stores["hospital"].name
    collector.press("Put all {n} into {store}", n=3, store=store).sees(
        "{n} {n:container is|containers are} now in the store.", n=3
    )
    collector.sees("Nothing sealed in this round")


# --- the manager -----------------------------------------------------------------------------------------------------


def signed(manager: Person) -> tuple[str, str]:
    """Prepare the manifest, be refused for a vehicle out of papers, mend it, sign it; return its number and id."""
    with_expired_truck(manager.site)
    manager.open("/manifests").follow("New manifest").sees("Step 2 of 2: containers, vehicle and crew")
    manager.choose("Vehicle", "冀A99999").choose("Driver", "演示驾驶员").choose("Escort", "演示押运员")
    manager.choose("Treatment", "Y10").press("Save the draft").sees("Before it can be signed:")
    manager.follow("Sign").press("Sign part one").sees("This manifest cannot be signed yet", "冀A99999")
    manager.follow("Back to the manifest").follow("Change the draft").choose("Vehicle", "冀A12345")
    manager.press("Save the draft").sees("冀A12345").does_not_see("Before it can be signed:")
    manager.follow("Sign").press("Sign part one").sees("signed, waiting for the vehicle")
    number = number_of(manager)
    manager.sees("Signed. The manifest has the number {number}. The driver can load now.", number=number)
    return number, manager.page.url.rpartition("/")[2]


def with_expired_truck(site: Site) -> None:
    """The carrier has a second vehicle, whose permit ended yesterday."""
    with site.work_as(site.world.people["system_admin"]) as work:
        parties.add_vehicle(
            work,
            parties.AddVehicle(
                organisation_id=site.world.id("carrier"), plate="冀A99999", permit_no="YSZ0002", capacity_g="8000",
                permit_until=local_day(NOON) - timedelta(days=1),
            ),
        )  # fmt: skip


def printed(manager: Person, manifest: str, version: str = "") -> bytes:
    """Load the statutory form."""
    return manager.fetch(f"/manifests/{manifest}/print.pdf{version}").body()


# --- the driver ------------------------------------------------------------------------------------------------------


def loaded_in_three_ways(
    driver: Person, plain: Person, number: str, codes: list[str], labels: list[bytes], film: Path
) -> None:
    """Show the sign of the store, then load: one box by typing its code, one by a photo and without any script, one
    with the camera.
    """
    store = driver.site.world.stores["hospital"]
    with driver.site.work_as() as work:
        sign = f"HTTP://LOCALHOST/P/{in_force(work.session, store.id).code}"  # type: ignore[union-attr]
    driver.open("/trips").sees(number).follow("Load containers")
    driver.scan(driver.words("Scan the sign on the wall of {store}", store=store.name), sign)
    driver.sees("Presence at {store} is proven.", store=store.name)
    driver.sees("0/3").scan("Scan the next label", codes[0].lower()).sees("1/3")
    plain.open(driver.page.url.removeprefix(driver.site.address))
    plain.page.get_by_text(plain.words("Send a photo of the label instead")).click()
    plain.page.get_by_label(plain.words("Photo"), exact=True).set_input_files(photo_of(label_on(labels[1])))
    plain.press("Read the photo").sees("2/3")
    show_to_camera(film, label_on(labels[2]))
    driver.press("Scan with the camera").sees("3/3").does_not_see("Still to load")


# --- the operator ----------------------------------------------------------------------------------------------------


def received(operator: Person, number: str, codes: list[str]) -> None:
    """Scan everything in with a barcode gun, the first one weighed, and sign."""
    operator.open("/receipts").follow(number)
    operator.sees("0/3", "Not yet received: {n}", n=3).fill("Mass as weighed here", "3.40")
    for done, code in enumerate(codes, 1):
        operator.scan("Code on the label", f"{operator.site.address}/C/{code}".upper()).sees(f"{done}/3")
    operator.sees("3.42 kg → 3.40 kg").press("Sign part three")
    operator.sees("The receipt of manifest {number} is confirmed.", number=number)


# --- the regulator ---------------------------------------------------------------------------------------------------


def followed(regulator: Person, number: str, manifest: str, code: str) -> None:
    """Find the manifest by number, party, state and date, open it, and follow one box from the ward on."""
    today = local_day(NOON).isoformat()
    for query in (f"number={number[:8]}", "party=正定", "state=completed", f"since={today}&until={today}"):
        regulator.open(f"/manifests?{query}").sees(number)
    regulator.open("/manifests?state=draft").does_not_see(number)
    regulator.follow("Clear").scan("Manifest number", number)
    regulator.follow(number)
    regulator.sees("completed", "正定县医院（演示）", "焚烧处置中心（演示）", "冀A12345")
    assert regulator.fetch(regulator.href("Print")).headers["content-type"] == "application/pdf"
    regulator.follow(shown(code)).sees("nobody: its life has ended")
    assert len(regulator.page.locator(".timeline-what").all()) == 6  # its label was printed as well


def life_of(site: Site, code: str) -> list[str]:
    """Return what the ledger, found intact, holds of a container."""
    with reader(site.engine) as session:
        assert list(ledger.verify(session)) == []
        container = session.scalars(select(Container.id).where(Container.code == code)).one()
        life = ledger_queries.stream(session, f"container:{container}")
    return [event.kind.removeprefix("container.") for event in life]


# --- anyone ----------------------------------------------------------------------------------------------------------


def checked(anyone: Person, prints: dict[str, list[bytes]]) -> None:
    """Scan the codes on the prints with a phone, without an account."""
    for words, pdf in ((words, pdf) for words, pdfs in prints.items() for pdf in pdfs):
        (address,) = scanned(picture(pdf))
        anyone.open(address.removeprefix(anyone.site.address.upper())).sees(words)
    anyone.open("/v/2345678923456789").sees("Forged or unknown: this is not a print of this installation")
