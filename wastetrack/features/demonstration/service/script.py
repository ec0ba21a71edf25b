"""The script: what happens in the weeks before, and how things stand at the end.

The weeks follow the clock on the wall. The end is set by hours before now, so that it looks the same whenever the
demonstration is loaded: what people can do next is always there.
"""

from datetime import date, datetime, time, timedelta

from wastetrack.domain.times import SHANGHAI, local_day
from wastetrack.domain.waste_codes import MedicalClass
from wastetrack.features.demonstration import queries
from wastetrack.features.demonstration.service import clinics as townships
from wastetrack.features.demonstration.service import loads, trips, visits
from wastetrack.features.demonstration.service.clinics import Clinic
from wastetrack.features.demonstration.service.loads import Route
from wastetrack.features.demonstration.service.rounds import Ward, round_through, some, wards
from wastetrack.features.demonstration.service.stage import Scene, Stage
from wastetrack.features.demonstration.service.trips import SMOOTH, Trouble

_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)

LONG = timedelta(days=20)
"""A history as long as this has room for the older troubles too."""
CLEAR = 8 * _HOUR
"""So long before now no ordinary trip begins any more: vehicles and drivers are free for the last scenes."""
NOT_FETCHED = 58 * _HOUR
"""So long the store of the infection ward has not been emptied."""
ABOVE_LIMIT = 3
"""So many boxes stand in the full station beyond its limit."""
_STATION_HOLDS = 24
_LICENCE_ENDED, _LICENCE_ENDED_SHORT = timedelta(days=6), 26 * _HOUR

_CITY_ROUNDS = ((time(6, 40), "city.collector"), (time(10, 40), "city.collector"), (time(14, 40), "city.evening"),
                (time(18, 40), "city.evening"))  # fmt: skip
_COUNTY_ROUNDS = tuple((time(hour, 10), "county.collector") for hour in (7, 12, 17))
_WORKSHOP_ROUNDS = {"factory": "factory.manager", "university": "university.manager"}
_DAILY_TRIPS = (
    (trips.CITY, time(8, 50)),
    (trips.COUNTY, time(9, 20)),
    (trips.INFECTION_WARD, time(9, 25)),
    (trips.COUNTY_TO_FURNACE, time(13, 30)),
    (trips.STATION, time(15, 0)),
    (trips.HUB, time(16, 40)),
)


def licence_ends(stage: Stage) -> date:
    """Return the last day of the carrier's licence: after its last trip, before somebody tries to sign without it."""
    return local_day(stage.now - (_LICENCE_ENDED if _long(stage) else _LICENCE_ENDED_SHORT))


def write(stage: Stage) -> None:
    """Plan everything from the first day until now."""
    for day in _days(stage):
        _wards(stage, day)
        _townships(stage, day)
    for route, hour in _DAILY_TRIPS:
        _daily_trips(stage, route, hour)
    _drums(stage)
    _the_end(stage)


# --- the weeks -------------------------------------------------------------------------------------------------------


def _wards(stage: Stage, day: date) -> None:
    """Send collectors through the hospitals by shifts; drums in workshops and laboratories come at noon."""
    everywhere = wards()
    for hospital, rounds in (("city-hospital", _CITY_ROUNDS), ("county-hospital", _COUNTY_ROUNDS)):
        here = [ward for ward in everywhere if ward.producer == hospital]
        for hour, who in rounds:
            stage.plan(_at(stage, day, hour), _round(stage, who, here, len(rounds)))
    for producer, who in _WORKSHOP_ROUNDS.items():
        here = [ward for ward in everywhere if ward.producer == producer]
        if day.weekday() < 5:
            stage.plan(_at(stage, day, time(11, 50)), _round(stage, who, here, 1))


def _round(stage: Stage, who: str, here: list[Ward], rounds: int) -> Scene:
    def scene(at: datetime) -> None:
        found = [
            (ward, ward.draw(stage.random)) for ward in here for _ in range(some(stage.random, ward.daily / rounds))
        ]
        round_through(stage, who, at, found)

    return scene


def _townships(stage: Stage, day: date) -> None:
    """Have clinics see patients in the morning and hand in at noon; one station hands on to the hub."""
    for clinic in townships.clinics():
        stage.plan(_at(stage, day, time(11, 0)), _patients(stage, clinic))
        noon = _at(stage, day, time(12, 50))
        if noon < stage.now - 2 * _HOUR:
            stage.plan(noon, _hand_in(stage, clinic))
    evening = _at(stage, day, time(14, 20))
    if evening < stage.now - 2 * _HOUR:
        stage.plan(evening, lambda at: townships.hand_on(stage, "station-b", at))


def _patients(stage: Stage, clinic: Clinic, bags: int | None = None) -> Scene:
    return lambda at: townships.see_patients(stage, clinic, at, bags)


def _hand_in(stage: Stage, clinic: Clinic) -> Scene:
    return lambda at: townships.hand_in(stage, clinic, at)


def _daily_trips(stage: Stage, route: Route, hour: time) -> None:
    """Plan the trips of one route, a few of them with trouble."""
    last = stage.now - (NOT_FETCHED if route is trips.INFECTION_WARD else CLEAR)
    moments = [at for day in _days(stage) if stage.start <= (at := _at(stage, day, hour)) <= last]
    troubles = _troubles(stage, route, len(moments))
    for number, at in enumerate(moments):
        trouble = troubles.get(number, SMOOTH)
        if trouble is not None:
            stage.plan(at, _trip(stage, route, trouble))


def _trip(stage: Stage, route: Route, trouble: Trouble) -> Scene:
    return lambda at: trips.begin(stage, route, at, trouble)


def _troubles(stage: Stage, route: Route, count: int) -> dict[int, Trouble | None]:
    """Return what goes wrong on which trip of a route, counted from the first; None is a trip that never came."""
    found: dict[int, Trouble | None] = {}
    if route is trips.CITY:
        found[max(0, count - 13)] = Trouble(one_missing=True, found=True)
        if _long(stage):
            found[count - 7] = Trouble(one_refused="包装袋破损（演示）")
        found[max(1, count - 2)] = Trouble(one_missing=True)
    elif route is trips.HUB:
        found[count // 2] = Trouble(voided="车辆故障，改派（演示）")
    elif route is trips.COUNTY and _long(stage):
        found[10] = found[11] = None
    return found


def _drums(stage: Stage) -> None:
    """Send drums to the furnace every week or two while the carrier is licensed; one load is refused and comes back."""
    university, factory = _ward("university", "分析测试实验室"), _ward("factory", "喷涂车间")
    leaking = Trouble(all_refused="包装桶渗漏，标签不清（演示）")
    plan = [(trips.UNIVERSITY, university, 0.22, leaking), (trips.FACTORY, factory, 0.2, SMOOTH),
            (trips.UNIVERSITY, university, 0.55, SMOOTH)]  # fmt: skip
    if _long(stage):
        plan += [(trips.FACTORY, factory, 0.47, SMOOTH), (trips.FACTORY, factory, 0.72, SMOOTH)]
    for route, ward, share, trouble in plan:
        at = stage.start + (stage.now - stage.start) * share
        if _long(stage):
            at = _at(stage, local_day(at), time(14, 10))
        stage.plan(at - 3 * _HOUR, _fill_drums(stage, ward))
        stage.plan(at, _trip(stage, route, trouble))


def _fill_drums(stage: Stage, ward: Ward) -> Scene:
    who = _WORKSHOP_ROUNDS[ward.producer]
    return lambda at: round_through(stage, who, at, [(ward, ward.draw(stage.random)) for _ in range(2)])


# --- the end ---------------------------------------------------------------------------------------------------------


def _the_end(stage: Stage) -> None:
    """Set what can be seen and done when somebody signs in."""
    _on_the_way(stage)
    _being_received(stage)
    _waiting_for_the_driver(stage)
    _overdue(stage)
    _above_its_limit(stage)
    _blocked_by_an_expired_licence(stage)
    visits.write(stage)
    _before(stage, 55 * _MINUTE, lambda at: loads.draft(stage, trips.COUNTY_TO_FURNACE, at))
    _before(stage, 50 * _MINUTE, _patients(stage, _clinic("qy-1"), 3))
    _before(stage, 25 * _MINUTE, lambda at: townships.hand_in(stage, _clinic("qy-1"), at, waits=True))
    _before(stage, 8 * _MINUTE, _fixed_round(stage, "city.collector", "city-hospital", "急诊科", 3, place=False))


def _on_the_way(stage: Stage) -> None:
    """A load of the county hospital is on the way to the steam plant."""
    _before(stage, 150 * _MINUTE, _fixed_round(stage, "county.collector", "county-hospital", "外科病区", 8))
    _before(stage, 110 * _MINUTE, _until(stage, trips.COUNTY, ["draft", "sign", "depart"], [0, 6, 70]))
    _before(
        stage, 115 * _MINUTE, _one(stage, "county.collector", "county-hospital", "手术室", MedicalClass.PATHOLOGICAL)
    )


def _being_received(stage: Stage) -> None:
    """A load of the city hospital stands at the gate of the furnace, half of it scanned in."""
    _before(stage, 260 * _MINUTE, _fixed_round(stage, "city.collector", "city-hospital", "内科病区", 6))
    steps = ["draft", "sign", "depart", "arrive", "receive half"]
    _before(stage, 220 * _MINUTE, _until(stage, trips.CITY, steps, [0, 6, 80, 185, 208]))


def _waiting_for_the_driver(stage: Stage) -> None:
    """The hub has signed, the driver has not come yet."""
    clinic = _clinic("nn-1")
    _before(stage, 300 * _MINUTE, _patients(stage, clinic, 3))
    _before(stage, 270 * _MINUTE, _hand_in(stage, clinic))
    _before(stage, 40 * _MINUTE, _until(stage, trips.HUB, ["draft", "sign"], [0, 9]))


def _overdue(stage: Stage) -> None:
    """The store of the infection ward was not emptied for more than two days."""
    for hours in (54, 51):
        _before(stage, hours * _HOUR, _fixed_round(stage, "county.collector", "county-hospital", "感染病区", 2))


def _above_its_limit(stage: Stage) -> None:
    """A day of vaccinations fills the station of 新城铺 beyond its limit."""
    clinic = _clinic("xc-1")

    def vaccinate(at: datetime) -> None:
        with stage.act(clinic.doctor, at) as work:
            standing = queries.count_in(work.session, stage.stores["station-a/01"])
        townships.see_patients(stage, clinic, at, max(1, _STATION_HOLDS + ABOVE_LIMIT - standing))

    _before(stage, 5 * _HOUR, vaccinate)
    _before(stage, 4 * _HOUR, _hand_in(stage, clinic))


def _blocked_by_an_expired_licence(stage: Stage) -> None:
    """The factory's draft cannot be signed: the licence of its carrier has ended."""
    ward = _ward("factory", "喷涂车间")

    def attempt(at: datetime) -> None:
        load = loads.draft(stage, trips.FACTORY, at)
        if load is None or not loads.is_refused(stage, load, at + 5 * _MINUTE, "papers.licence_expired"):
            raise RuntimeError("the expired licence should have stood against this signature")

    hours = 23 if _long(stage) else 1
    _before(stage, (hours + 3) * _HOUR, _fill_drums(stage, ward))
    _before(stage, hours * _HOUR, attempt)


def _until(stage: Stage, route: Route, steps: list[str], minutes: list[int]) -> Scene:
    """Begin a trip and stop it in the middle: each step so many minutes after the first."""

    def scene(at: datetime) -> None:
        load = loads.draft(stage, route, at)
        if load is None:
            raise RuntimeError(f"nothing stands in {route.store} for the last scene")
        codes = list(load.boxes)
        doings: dict[str, Scene] = {
            "sign": lambda then: loads.sign(stage, load, then),
            "depart": lambda then: loads.depart(stage, load, then),
            "arrive": lambda then: loads.arrive(stage, load, then),
            "receive half": lambda then: loads.receive(stage, load, then, codes[: len(codes) // 2]),
        }
        for step, after in zip(steps[1:], minutes[1:], strict=True):
            stage.plan(at + after * _MINUTE, doings[step])

    return scene


def _fixed_round(stage: Stage, who: str, hospital: str, ward_name: str, bags: int, *, place: bool = True) -> Scene:
    ward = _ward(hospital, ward_name)
    found = [(ward, MedicalClass.SHARPS if number % 4 == 3 else MedicalClass.INFECTIOUS) for number in range(bags)]
    return lambda at: round_through(stage, who, at, found, place=place)


def _one(stage: Stage, who: str, hospital: str, ward_name: str, what: str) -> Scene:
    ward = _ward(hospital, ward_name)
    return lambda at: round_through(stage, who, at, [(ward, what)])


# --- places and moments ----------------------------------------------------------------------------------------------


def _ward(producer: str, name: str) -> Ward:
    return next(ward for ward in wards() if (ward.producer, ward.name) == (producer, name))


def _clinic(key: str) -> Clinic:
    return next(clinic for clinic in townships.clinics() if clinic.key == key)


def _days(stage: Stage) -> list[date]:
    first, last = local_day(stage.start), local_day(stage.now)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _at(stage: Stage, day: date, hour: time) -> datetime:
    """Return about this time of the day: nobody is punctual to the minute."""
    return datetime.combine(day, hour, SHANGHAI) + timedelta(seconds=stage.random.randint(0, 540))


def _before(stage: Stage, span: timedelta, scene: Scene) -> None:
    stage.plan(stage.now - span, scene)


def _long(stage: Stage) -> bool:
    return stage.now - stage.start >= LONG
