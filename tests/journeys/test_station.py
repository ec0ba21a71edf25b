"""Two clinics hand in at their township station, and the station's one load still lists every clinic's boxes."""

from tests.journeys.acts import loaded_and_gone, number_of, scanned_in, sealed, shown, treated
from tests.journeys.conftest import Opens
from tests.journeys.people import Person


def test_small_loads_of_two_clinics_leave_on_one_manifest_and_each_clinic_sees_its_own(people: Opens) -> None:
    doctor = people("doctor_a", phone=True)
    declared = [sealed(doctor, "infectious waste", "1.20"), sealed(doctor, "sharps waste", "0.30")]
    handed_in(doctor)
    other = people("doctor_b", phone=True)
    undeclared = sealed(other, "infectious waste", "0.90")

    attendant = people("attendant", phone=True)
    taken_over(attendant, declared, undeclared)
    number = consolidated(attendant)

    loaded_and_gone(people("driver", phone=True), number, [*declared, undeclared])
    operator = people("operator")
    scanned_in(operator, number, [*declared, undeclared])
    operator.press("Sign part three").sees("The receipt of manifest {number} is confirmed.", number=number)
    treated(operator, 3)

    doctor.open("/hand-ins/whereabouts").sees(*map(shown, declared), "treated").does_not_see(shown(undeclared))
    doctor.open("/manifests").follow(number)
    doctor.sees("You see your own containers on this manifest, not those of others.", *map(shown, declared))
    doctor.does_not_see(shown(undeclared))
    town = people("town").open("/manifests")
    town.follow(number).sees("甲诊所（演示）", "乙诊所（演示）", *map(shown, [*declared, undeclared]))


def handed_in(doctor: Person) -> None:
    """Declare all that stands ready for the station."""
    doctor.open("/").follow("Hand in at the station").sees("城关周转站（演示）")
    doctor.press("Hand in all that is ticked").sees("The boxes stay yours until the station has scanned them.")


def taken_over(attendant: Person, declared: list[str], undeclared: str) -> None:
    """Receive the declared boxes one by one and sign; then one that nobody declared."""
    attendant.open("/hand-ins").sees("甲诊所（演示）")
    for done, code in enumerate(declared, 1):
        label = "Scan the label of the box" if done == 1 else "Scan the next box"
        attendant.scan(label, code).sees(f"{done}/2")
    attendant.press("Sign: all {n} received", n=2)
    attendant.sees("Signed. The sender sees what was received and what was not found.")
    attendant.open("/hand-ins").scan("Scan the label of the box", undeclared)
    attendant.sees("It was not declared and is added to the hand-in.").press("Sign: all {n} received", n=1)
    attendant.sees("Signed. The sender sees what was received and what was not found.")


def consolidated(attendant: Person) -> str:
    """Send everything that stands at the station on one manifest and return its number."""
    attendant.open("/manifests/new").sees("{n} in the store", n=3)
    attendant.choose("Vehicle", "冀A12345").choose("Driver", "演示驾驶员").choose("Escort", "演示押运员")
    attendant.choose("Treatment", "Y10").press("Save the draft").sees("甲诊所（演示）", "乙诊所（演示）")
    attendant.follow("Sign").press("Sign part one").sees("signed, waiting for the vehicle")
    return number_of(attendant)
