"""A store that turns overdue at the exact moment and is in order again when its load has left."""

from datetime import timedelta

from tests.conftest import NOON
from tests.journeys.acts import shown
from tests.journeys.conftest import Opens
from tests.journeys.people import Person
from tests.journeys.site import Site
from wastetrack.features.containers.models import Container

DUE = NOON + timedelta(hours=48)
OVERDUE = "Medical waste stands longer than 48 hours"


def test_a_store_turns_overdue_at_the_second_and_clears_when_the_load_leaves(people: Opens, site: Site) -> None:
    site.clock.stop_at(NOON)
    bag = site.chain.bag()
    site.clock.stop_at(DUE - timedelta(seconds=1))
    watching = [people("manager", phone=True), people("county")]
    for person in watching:
        looks_at_store(person).does_not_see("{n} overdue", n=1)
        person.open("/alerts").sees("No alarm is in force", "Becomes an alarm:")
    site.clock.stop_at(DUE)
    for person in watching:
        looks_at_store(person).sees(
            "{n} overdue", "Basis: {basis}", n=1, basis=person.words("Medical Waste Regulation, Art. 17")
        )
        person.open("/").sees("In force since:", site.world.stores["hospital"].name)
        person.open("/alerts").sees(OVERDUE, "In force since:", "2026-11-25 12:00").does_not_see("No alarm is in force")
    leaves(people, bag)
    for person in watching:
        looks_at_store(person).sees("Nothing stands here").does_not_see("{n} overdue", n=1)
        person.open("/alerts").sees("No alarm is in force", "Cleared")


def looks_at_store(person: Person) -> Person:
    """Open the page of the hospital's store."""
    return person.open(f"/stores/{person.site.world.stores['hospital'].id}")


def leaves(people: Opens, bag: Container) -> None:
    """Have the driver take the load away that the manager signed."""
    driver = people("driver", phone=True)
    made = driver.site.chain.sign([bag], driver.site.clock())
    driver.open(f"/trips/{made.id}").scan("Scan the next label", bag.code).sees("1/1", shown(bag.code))
    driver.press("Sign part two and depart").sees("On the way with {n} {n:container|containers}.", n=1)
