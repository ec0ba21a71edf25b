"""A load that arrives with one box less than it left with."""

from tests.journeys.acts import number_of, scanned_in, shown
from tests.journeys.conftest import Opens
from tests.journeys.site import Site


def test_a_missing_box_is_named_alarms_the_regulator_and_clears_when_it_is_found(people: Opens, site: Site) -> None:
    boxes = [site.chain.bag(mass=mass) for mass in ("2.1", "3.2", "4.3")]
    lost = shown(boxes[2].code)
    on_the_way = site.chain.arrive(site.chain.depart(boxes))
    number = str(on_the_way.number)

    operator = people("operator")
    scanned_in(operator, number, [box.code for box in boxes[:2]])
    operator.sees("2/3", "Not yet received: {n}", lost, n=1)
    operator.press("Sign part three").sees("This cannot be accepted yet")
    operator.tick("The containers named above as not received are missing").press("Sign part three")
    operator.sees("Missing containers: {n}", lost, n=1)

    county, manager = people("county"), people("manager", phone=True)
    for person in (county, manager):
        person.open("/").sees(lost, number)
        person.open("/alerts").sees("Box missing from a load", lost)
    county.follow("Show").sees("It clears when the container is found and scanned in as received or taken back.")
    manager.open(f"/manifests/{on_the_way.id}").sees("Missing containers: {n}", lost, n=1)
    assert number_of(manager) == number

    scanned_in(operator, number, [boxes[2].code])
    operator.does_not_see("Missing containers: {n}", n=1)
    for person in (county, manager):
        person.open("/alerts").sees("No alarm is in force", "Alarms that have cleared")
