"""A whole day of the world of `tests.living`: everything that can become of a container, told once.

For tests that need a store in which every table of the custody chain holds something. A feature that brings a table
adds the act here that fills it.
"""

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import NOON
from tests.living import Chain, shown, shown_hand_in
from tests.whole_parties import cleaned, the_parties
from tests.whole_people import the_people
from tests.whole_regulators import the_regulators
from wastetrack.domain.containers import Packaging
from wastetrack.domain.parties import FacilityKind
from wastetrack.domain.signing import Signature
from wastetrack.features.boxes import service as boxes
from wastetrack.features.collection import service as collection
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import mending
from wastetrack.features.labels import service as labels
from wastetrack.features.labels.models import BlankLabel
from wastetrack.features.manifests import service as manifests
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties import service as parties
from wastetrack.features.tanks import service as tanks
from wastetrack.infra.ids import new_token


def at(hours: float) -> datetime:
    """Return a moment of the day."""
    return NOON + timedelta(hours=hours)


class Day(Chain):
    """The acts that `Chain` does not have, each as the person whose act it is."""

    def act(self, who: str, do: Any, command: Any, hours: float = 0, **given: Any) -> Any:
        """Do one act with a fresh key."""
        with self.work_as(self.world.people[who], at(hours)) as work:
            return do(work, command.model_validate({"act_key": new_token(), **given}))

    def scan(self, who: str, do: Any, made: Manifest, box: Container, hours: float, **given: Any) -> Any:
        """Scan one box in an act on a manifest."""
        command = {manifests.receive_box: manifests.ReceiveBox, manifests.refuse_box: manifests.RefuseBox}
        return self.act(who, do, command.get(do, manifests.ScanBox), hours, manifest_id=made.id, code=box.code, **given)

    def go(self, made: Manifest, hours: float) -> Manifest:
        """Depart with what is loaded; what is not stays."""
        with self.work_as(self.world.people["driver"], at(hours)) as work:
            now = work.session.get_one(Manifest, made.id)
            command = manifests.Depart(
                manifest_id=now.id, version=now.version, shown=shown(work, now, Signature.CARRIER),
                leave_behind=True, act_key=new_token(),
            )  # fmt: skip
            return manifests.depart(work, command)


def a_whole_day(day: Day) -> None:
    """Live the day."""
    the_parties(day)
    _labels(day)
    _mended(day)
    _packed(day)
    _handed_in(day)
    _carried(day)
    _in_bulk(day)
    cleaned(day)
    the_regulators(day)
    the_people(day)


def _in_bulk(day: Day) -> None:
    """A tank is set up in a tank farm, and its level read."""
    world = day.world
    with day.work_as(world.people["system_admin"], at(0)) as work:
        farm = parties.add_facility(work, parties.AddFacility(
            organisation_id=world.id("factory"), site_id=world.stores["factory"].site_id, name="罐区", code="TS008",
            kind=FacilityKind.TANK_FARM,
        ))  # fmt: skip
    described = {"number": "TK-01", "waste": "900-249-08", "usable_l": 10_000, "density_g_l": 900}
    lengths = {"shape": "box", "length_mm": 2000, "width_mm": 2500}
    tank = day.act("factory", tanks.set_up, tanks.SetUpTank, facility_id=farm.id, **described, **lengths)
    day.act("factory", tanks.read_level, tanks.ReadLevel, 1, tank_id=tank.id, level_mm=200)


def _labels(day: Day) -> None:
    """Blank labels are issued, one is bound, the rest withdrawn; labels are printed, and printed again."""
    manager = day.world.people["manager"]
    with day.work_as(manager, at(0)) as work:
        printer = labels.keep_printer(work, labels.KeepPrinter(name="一楼", right="1.5", down="-0.5"))
    issued = day.act("manager", labels.issue_blanks, labels.IssueBlanks, format="tag_80x60", count=3)
    with day.work_as(manager, at(0)) as work:
        code = work.session.query(BlankLabel.code).filter_by(batch_id=issued.id, number=2).scalar()
    given = {"waste": "infectious", "mass": "2", "department": "外科", "label": code}
    bound = day.act("collector", containers.register, containers.RegisterContainer, **given)
    day.act("manager", labels.withdraw_blanks, labels.WithdrawBlanks, batch_id=issued.id, reason="受潮")
    day.act("manager", labels.issue_blanks, labels.IssueBlanks, format="tag_80x60", count=2)
    fresh = day.bag(store=None)
    given = {"codes": (bound.code, fresh.code), "reason": "damaged", "printer_id": printer.id}
    day.act("collector", labels.print_labels, labels.PrintLabels, 1, **given)


def _mended(day: Day) -> None:
    """One bag is weighed again, one opened and sealed, two are repacked, one is void, one entry was wrong."""
    weighed, opened, leaking, unplaced = day.bag(), day.bag(), day.bag(), day.bag(store=None)
    day.act("collector", mending.weigh, mending.WeighAgain, 1, code=weighed.code, mass="3.6")
    day.act("manager", mending.declare_wrong, mending.DeclareWrong, 1.5, code=weighed.code, wrong=2, replaced_by=3,
            reason="称错")  # fmt: skip
    day.act("manager", mending.open_up, mending.OpenContainer, 1, code=opened.code, reason="查验")
    day.act("manager", mending.seal_again, mending.SealAgain, 2, code=opened.code, mass="3.2")
    for one in (leaking, unplaced):
        new = {"packaging": Packaging.BAG, "mass": "3.3", "reason": "渗漏"}
        day.act("manager", mending.repack, mending.Repack, 2, code=one.code, **new)
    day.void(day.bag(), at(3))
    day.bag(who="factory", store="factory", waste="900-249-08", mass="12")


def _packed(day: Day) -> None:
    """Bags go into a box and the box into a larger one; one is taken out; a box is washed, one retired."""
    register, pack, shut = (boxes.register, boxes.RegisterBoxes), (boxes.pack, boxes.PackIn), boxes.ShutBox
    (small,), (large,) = (
        day.act("manager", *register, kind=kind, facility_id=day.world.stores["hospital"].id)
        for kind in ("turnover_box", "pallet")
    )
    bags = [day.bag() for _ in range(4)]
    day.act("manager", *pack, 1, box_id=small.id, codes=[one.code for one in bags])
    day.act("manager", boxes.take_out, boxes.TakeOut, 2, box_id=small.id, codes=[bags[0].code])
    day.act("manager", boxes.close, shut, 3, box_id=small.id)
    day.act("manager", *pack, 3, box_id=large.id, codes=[small.code])
    day.act("manager", boxes.take_out, boxes.TakeOut, 4, box_id=large.id, codes=[small.code])
    day.act("manager", boxes.reopen, shut, 4, box_id=small.id)
    day.act("manager", boxes.take_out, boxes.TakeOut, 5, box_id=small.id, codes=[one.code for one in bags[1:]])
    day.act("manager", boxes.clean, boxes.CleanBox, 6, box_id=small.id, note="含氯消毒")
    day.act("manager", *pack, 7, box_id=small.id, codes=[bags[2].code])
    day.act("manager", boxes.retire, boxes.RetireBox, 8, box_id=large.id, reason="破裂")


def _handed_in(day: Day) -> None:
    """A clinic hands in: one box declared and received, one not found, one undeclared; other hand-ins end otherwise."""
    first, lost, extra, kept = (day.bag("doctor_a", "clinic_a") for _ in range(4))
    hand_in = day.act(
        "doctor_a", collection.declare, collection.DeclareHandIn, 1, container_ids=(first.id, lost.id)
    )  # fmt: skip
    receive = collection.receive_box, collection.ReceiveHandedIn
    day.act("attendant", *receive, 2, hand_in_id=hand_in.id, code=first.code, mass="3.5")
    day.act("attendant", *receive, 2, hand_in_id=hand_in.id, code=extra.code)
    with day.work_as(day.world.people["attendant"], at(3)) as work:
        now = work.session.get_one(collection.HandIn, hand_in.id)
        finish = collection.FinishHandIn(
            hand_in_id=now.id, version=now.version, shown=shown_hand_in(work, now), act_key=new_token()
        )
        collection.finish(work, finish)
    day.act("doctor_a", collection.find_box, collection.FindBox, 3.5, hand_in_id=hand_in.id, code=lost.code)
    taken_back = day.act("doctor_a", collection.declare, collection.DeclareHandIn, 4, container_ids=(kept.id,))
    day.act("doctor_a", collection.cancel, collection.CancelHandIn, 5, hand_in_id=taken_back.id)
    day.act("doctor_a", collection.declare, collection.DeclareHandIn, 6, container_ids=(kept.id,))
    unannounced = day.bag("doctor_b", "clinic_b")
    day.act("attendant", *receive, 6, code=unannounced.code)


def _carried(day: Day) -> None:
    """Drafts are changed, discarded and void; one load comes through every verdict; one is still on its way."""
    spare, left = day.bag(), day.bag()
    day.act("manager", manifests.discard, manifests.DiscardDraft, 1, manifest_id=day.draft([spare]).id)
    void = day.sign([spare])
    day.act("manager", manifests.void, manifests.VoidManifest, 1, manifest_id=void.id, reason="改期")
    day.draft([spare])
    load = [day.bag() for _ in range(6)]
    good, weighed, refused, _lost, found, mended = load
    made = day.sign([*load, left], at(2))
    driver = "driver", manifests.load, made
    unproven = manifests.GoOnUnverified
    day.act("driver", manifests.go_on_unverified, unproven, 2, manifest_id=made.id, reason="墙上没有码")
    for box in load:
        day.scan(*driver, box, 2)
    day.scan("driver", manifests.unload, made, good, 2.2)
    day.scan(*driver, good, 2.4)
    made = day.go(made, 3)
    made = day.arrive(made, at(4))
    day.receive(made, good, at(5))
    day.scan("operator", manifests.receive_box, made, weighed, 5, mass="3.1")
    day.scan("operator", manifests.refuse_box, made, refused, 5, reason="破损")
    day.scan("operator", manifests.refuse_box, made, mended, 5, reason="看错")
    day.scan("operator", manifests.withdraw, made, mended, 5.5)
    day.receive(made, mended, at(5.7))
    day.confirm(made, at(6))
    day.scan("manager", manifests.take_back, made, refused, 7)
    day.receive(made, found, at(8))
    day.treat([good, weighed], at(9))
    done = [day.bag()]
    finished = day.depart(done, at(3))
    for box in done:
        day.receive(finished, box, at(4))
    day.confirm(finished, at(5))
    day.treat(done, at(10))
    day.depart([day.bag(), day.bag()], at(5))
