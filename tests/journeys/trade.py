"""Some days of trade with every kind of trouble in it, so that no page is empty when it is looked at."""

from datetime import timedelta

from sqlalchemy import select

from tests.conftest import NOON
from tests.journeys.site import Site
from wastetrack.features.collection import service as collection
from wastetrack.features.manifests.models import ManifestPrint
from wastetrack.features.watch.jobs import sweep
from wastetrack.infra.ids import new_token

BEFORE = NOON - timedelta(days=3)
EARLIER = NOON - timedelta(hours=6)


def a_day_of_trade(site: Site) -> None:
    """Let loads end well and badly, stand and wait; name the addresses that stand on labels and prints."""
    boxes = _loads(site)
    _hand_ins(site)
    with site.work_as(now=NOON) as work:
        sweep(work)
        tokens = work.session.scalars(select(ManifestPrint.token).order_by(ManifestPrint.made_at)).all()
    site.held_in_hand += [f"/c/{boxes[0]}", f"/c/{boxes[-1]}", f"/v/{tokens[0]}", f"/v/{tokens[-1]}", "/c/0000", "/v/0"]


def _loads(site: Site) -> list[str]:
    chain = site.chain
    overdue = chain.bag(at=BEFORE)
    done = [chain.bag(mass=mass, at=BEFORE) for mass in ("2.10", "0.85")]
    ended = chain.arrive(chain.depart(done, BEFORE), BEFORE)
    for box in done:
        chain.receive(ended, box, BEFORE)
    chain.confirm(ended, BEFORE)
    chain.treat(done, BEFORE)
    bad = [chain.bag(mass=mass, at=EARLIER) for mass in ("2.10", "0.85", "3.33")]
    troubled = chain.arrive(chain.depart(bad, EARLIER), EARLIER)
    chain.receive(troubled, bad[0], EARLIER)
    chain.refuse(troubled, bad[1], EARLIER)
    chain.confirm(troubled, EARLIER)
    chain.sign([chain.bag(at=EARLIER)], EARLIER)
    chain.depart([chain.bag(at=EARLIER)], EARLIER)
    arrived = [chain.bag(at=EARLIER), chain.bag(at=EARLIER)]
    chain.receive(chain.arrive(chain.depart(arrived, EARLIER), EARLIER), arrived[0], EARLIER)
    chain.draft([chain.bag(at=EARLIER)], EARLIER)
    chain.bag(store=None, at=NOON - timedelta(minutes=5))
    chain.bag("factory", "factory", "180", EARLIER, "900-249-08")
    return [box.code for box in (overdue, *done, *bad)]


def _hand_ins(site: Site) -> None:
    for who, finished in (("doctor_a", False), ("doctor_b", True)):
        bags = [site.chain.bag(who, None, mass, EARLIER) for mass in ("1.20", "0.40")]
        with site.work_as(site.world.people[who], EARLIER) as work:
            ids = tuple(bag.id for bag in bags)
            made = collection.declare(work, collection.DeclareHandIn(container_ids=ids, act_key=new_token()))
        with site.work_as(site.world.people["attendant"], EARLIER) as work:
            command = collection.ReceiveHandedIn(code=bags[0].code, hand_in_id=made.id, act_key=new_token())
            taken = collection.receive_box(work, command)
            if finished:
                collection.finish(
                    work,
                    collection.FinishHandIn(hand_in_id=made.id, version=taken.hand_in.version, act_key=new_token()),
                )
    site.chain.bag("doctor_a", None, "0.75", EARLIER)
