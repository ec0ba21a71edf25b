"""Licences, contracts and plans at the signature: together and exactly, also when two sign at once."""

import json
from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.conftest import NOON
from tests.features.manifests.conftest import Trade
from wastetrack.domain import manifest_checks as checks
from wastetrack.domain.manifests import State
from wastetrack.domain.parties import LicenceKind
from wastetrack.domain.problems import Refusal
from wastetrack.domain.times import local_day
from wastetrack.features.ledger import queries as ledger
from wastetrack.features.manifests import queries
from wastetrack.features.manifests.models import Manifest
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties import service as parties_service
from wastetrack.features.parties.models import Contract, Organisation, Vehicle

TODAY = local_day(NOON)


def refused(do: Callable[..., object], *given: Any, **more: Any) -> list[str]:
    with pytest.raises(Refusal) as caught:
        do(*given, **more)
    return [problem.code for problem in caught.value.problems]


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all of these at the same moment; return the codes of those that were refused."""
    gate, codes = Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except Refusal as refusal:
            codes.extend(problem.code for problem in refusal.problems)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def file_plan(trade: Trade, mass_t: str, version: int = 0, code: str = "841-001-01") -> None:
    lines = {0: {"waste_code": code, "receiver_id": trade.world.id("plant"), "mass_g": mass_t}}
    command = parties_service.FilePlan(
        organisation_id=trade.world.id("hospital"), year=2026, version=version, filed_on=date(2026, 3, 1),
        reason="增加" if version else "", lines=lines,
    )  # fmt: skip
    trade.act("manager", parties_service.file_plan, command)


def contract(trade: Trade, client: str, contractor: str, valid_until: date = TODAY) -> None:
    w = trade.world
    command = parties_service.AddContract(
        organisation_id=w.id(client), partner_id=w.id(contractor), number=f"运合{client}",
        valid_from=date(2026, 1, 1), valid_until=valid_until,
    )  # fmt: skip
    trade.act("system_admin", parties_service.add_contract, command)


def warned(session: Session, manifest: Manifest) -> list[str]:
    session.rollback()
    whole = queries.sheet(session, session.get_one(Manifest, manifest.id))
    return [problem.code for problem in checks.warnings(queries.facts(session, whole, NOON))]


def test_two_who_sign_at_once_do_not_pass_the_yearly_quantity_together(trade: Trade, session: Session) -> None:
    trade.change_licence(LicenceKind.OPERATING, yearly_quantity_g=6_000)
    drafts = [trade.draft(trade.boxes(1)), trade.draft(trade.boxes(1))]
    codes = at_once(*(lambda draft=draft: trade.sign(draft) for draft in drafts))
    assert codes == ["papers.licence_quantity"]
    states = {session.get_one(Manifest, draft.id).state for draft in drafts}
    assert states == {State.SIGNED, State.DRAFT}
    taken = parties.taken_in(session, trade.world.id("plant"), 2026)
    assert sum(flow.mass_g for flow in taken) == 3_500


def test_two_who_sign_at_once_do_not_pass_the_plan_together(trade: Trade) -> None:
    file_plan(trade, "0.006")
    drafts = [trade.draft(trade.boxes(1)), trade.draft(trade.boxes(1))]
    assert at_once(*(lambda draft=draft: trade.sign(draft) for draft in drafts)) == ["plan.beyond_plan"]


def test_beyond_the_filed_plan_nothing_is_signed_until_it_is_changed(trade: Trade) -> None:
    file_plan(trade, "0.006")
    trade.signed(trade.boxes(1))
    second = trade.draft(trade.boxes(1))
    assert refused(trade.sign, second) == ["plan.beyond_plan"]
    file_plan(trade, "0.010", version=1)
    assert trade.sign(second).state is State.SIGNED


def test_a_plan_that_is_not_filed_is_said_and_written_down_but_does_not_bar(trade: Trade, session: Session) -> None:
    contract(trade, "hospital", "carrier")
    manifest = trade.draft()
    assert warned(session, manifest) == ["plan.not_filed"]
    trade.sign(manifest)
    session.rollback()
    (kept,) = json.loads(ledger.stream(session, queries.stream_of(manifest.id))[-1].facts)["warned"]
    assert kept["code"] == "plan.not_filed"
    assert kept["en"]["text"].startswith("No management plan of 2026 is entered.")
    assert kept["zh_Hans_CN"]["text"].startswith("尚未")


@pytest.mark.parametrize(
    ("client", "contractor"), [("hospital", "carrier"), ("plant", "carrier"), ("carrier", "plant")]
)
def test_contracts_and_a_plan_in_order_leave_nothing_to_say(
    trade: Trade, session: Session, client: str, contractor: str
) -> None:
    file_plan(trade, "5")
    manifest = trade.draft()
    assert warned(session, manifest) == ["papers.no_carrier_contract"]
    contract(trade, client, contractor)
    assert warned(session, manifest) == []


def test_a_contract_of_others_with_the_carrier_is_not_one_for_this_waste(trade: Trade, session: Session) -> None:
    file_plan(trade, "5")
    contract(trade, "factory", "carrier")
    contract(trade, "hospital", "carrier", valid_until=date(2026, 11, 22))
    assert warned(session, trade.draft()) == ["papers.carrier_contract_out_of_date"]


def test_who_carries_himself_needs_no_contract_with_himself(trade: Trade, session: Session) -> None:
    file_plan(trade, "5")
    manifest = trade.draft()
    with trade.work_as() as work:
        leg = queries.leg_of(work.session, manifest.id)
        leg.carrier_id = trade.world.id("plant")
    assert warned(session, manifest) == []


def test_an_installation_may_leave_contracts_with_carriers_alone(trade: Trade, session: Session) -> None:
    file_plan(trade, "5")
    queries.warn_of_carrier_contract(warn=False)
    try:
        assert warned(session, trade.draft()) == []
    finally:
        queries.warn_of_carrier_contract(warn=True)


def test_what_was_said_before_the_signature_is_read_on_the_manifest_ever_after(
    trade: Trade, page: Callable[..., str]
) -> None:
    manifest = trade.draft()
    said = {"zh-CN": "移出人和接受人均未登记与承运单位", "en": "No written contract of the consignor or the receiver"}
    for language, words in said.items():
        assert words in page("manager", f"/manifests/{manifest.id}/sign", language=language)
    trade.sign(manifest)
    contract(trade, "hospital", "carrier")
    for language, words in said.items():
        for reader in ("manager", "operator", "county"):
            assert words in page(reader, f"/manifests/{manifest.id}", language=language)


def test_an_installation_may_insist_on_contract_and_plan(trade: Trade) -> None:
    with trade.work_as() as work:
        work.session.query(Contract).update({"valid_until": date(2026, 11, 22)})
    manifest = trade.draft()
    queries.insist_on(contract=True, plan=True)
    try:
        assert refused(trade.sign, manifest) == ["papers.contract_out_of_date", "plan.not_filed"]
    finally:
        queries.insist_on(contract=False, plan=False)


def test_the_waste_of_a_small_clinic_travels_without_a_licence_on_a_fitting_vehicle(trade: Trade) -> None:
    w = trade.world
    trade.change_licence(LicenceKind.TRANSPORT, valid_until=date(2026, 11, 22))
    exemption = parties_service.AddLicence(
        organisation_id=w.id("hospital"), kind=LicenceKind.SMALL_SOURCE, number="豁免1", valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1), basis="名录豁免清单第2项",
    )  # fmt: skip
    assert refused(trade.act, "system_admin", parties_service.add_licence, exemption) == ["licence.beds"]
    with trade.work_as() as work:
        work.session.get_one(Organisation, w.id("hospital")).beds = 19
    trade.act("system_admin", parties_service.add_licence, exemption)
    boxes = trade.boxes(1)
    manifest = trade.draft(boxes)
    assert refused(trade.sign, manifest) == ["papers.licence_expired"]
    with trade.work_as() as work:
        work.session.get_one(Vehicle, w.vehicles["truck"].id).medical = True
    trade.depart(trade.load(trade.sign(manifest), *boxes))
