"""May this party do this with this waste, amount, mode, on this day? Every reason at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.papers import (
    Agreement,
    Deed,
    Fields,
    Load,
    Paper,
    Party,
    Taken,
    Wish,
    carrier_contract_problems,
    contract_problems,
    problems,
    used,
)

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
INFECTIOUS, OIL = "841-001-01", "900-214-08"

PAPER = Paper("冀危许1号", TODAY - 300 * DAY, TODAY + 300 * DAY, ("HW01", "HW08"), frozenset({"Y10", "R9"}), 1000)
PLANT = Party("处置中心", True, "13", (PAPER,))
WISH = Wish(Deed.TREAT, TODAY, [Load(OIL, 100, False)], "R9")


def found(party: Party, wish: Wish) -> list[str]:
    return [problem.code.removeprefix("papers.") for problem in problems(party, wish)]


def with_paper(**values: object) -> Party:
    return replace(PLANT, papers=(replace(PAPER, **values),))


def test_what_the_licence_names_may_be_done() -> None:
    assert found(PLANT, WISH) == []


def test_every_reason_is_given_at_once_though_the_licence_has_ended() -> None:
    ended = with_paper(valid_until=TODAY - DAY, scope=("HW01",), modes=frozenset({"Y10"}))
    assert found(replace(ended, active=False), WISH) == [
        "party_inactive", "licence_expired", "licence_mode", "licence_scope",
    ]  # fmt: skip


def test_every_reason_has_a_field_and_the_law_it_rests_on() -> None:
    at = Fields("party", "waste", "mode", "amount")
    reasons = problems(with_paper(scope=("HW01",)), replace(WISH, mode="Y10", fields=at))
    assert [(reason.code, reason.field) for reason in reasons] == [
        ("papers.licence_scope", "waste"), ("batch.only_medical", "mode"),
    ]  # fmt: skip
    assert all(reason.basis for reason in reasons)


def test_a_licence_for_collecting_allows_collecting_and_no_treatment() -> None:
    collector = with_paper(modes=frozenset(), collecting_only=True)
    assert found(collector, WISH) == ["collecting_only"]
    assert found(collector, replace(WISH, deed=Deed.COLLECT, mode="")) == []


def test_a_comprehensive_licence_allows_collecting_too() -> None:
    assert found(PLANT, replace(WISH, deed=Deed.COLLECT, mode="")) == []


def test_an_exemption_for_point_to_point_use_is_for_one_source_alone() -> None:
    exempt = with_paper(only_from="factory")
    assert found(exempt, replace(WISH, source="factory")) == []
    assert found(exempt, replace(WISH, source="another")) == ["no_licence"]


def test_the_waste_of_small_institutions_is_carried_without_a_licence_and_other_waste_is_not() -> None:
    carrier = Party("承运公司", True, "13")
    small, other = Load(INFECTIOUS, 100, True, exempt=True), Load(INFECTIOUS, 100, True)
    assert found(carrier, Wish(Deed.CARRY, TODAY, [small])) == []
    assert found(carrier, Wish(Deed.CARRY, TODAY, [small, other])) == ["no_licence"]
    assert found(carrier, Wish(Deed.CARRY, TODAY, [])) == ["no_licence"]
    assert found(carrier, Wish(Deed.COLLECT, TODAY, [small])) == []
    assert found(carrier, Wish(Deed.COLLECT, TODAY, [small, other])) == ["no_licence"]


def test_the_exemption_is_for_carrying_and_collecting_not_for_treatment() -> None:
    nobody = Party("处置中心", True, "13")
    assert found(nobody, Wish(Deed.TREAT, TODAY, [Load(INFECTIOUS, 100, True, exempt=True)], "Y10")) == ["no_licence"]


@pytest.mark.parametrize(("taken", "reasons"), [(900, []), (901, ["licence_quantity"])])
def test_the_year_is_full_when_the_licence_is(taken: int, reasons: list[str]) -> None:
    assert found(PLANT, replace(WISH, taken=[Taken(OIL, "R9", taken)])) == reasons


def test_waste_counts_on_the_licence_that_covers_it_and_on_no_other() -> None:
    oil = replace(PAPER, number="2", scope=("HW08",))
    medical = replace(PAPER, number="3", scope=("HW01",))
    taken = [Taken(INFECTIOUS, "Y10", 1000), Taken(OIL, "R9", 400)]
    assert used([oil, medical], taken) == {"2": 400, "3": 1000}
    assert found(replace(PLANT, papers=(oil, medical)), replace(WISH, taken=taken)) == []


def test_what_has_a_choice_leaves_room_for_what_has_none() -> None:
    wide = replace(PAPER, number="1", valid_until=TODAY + DAY)
    narrow = replace(PAPER, number="2", scope=("HW08",))
    taken = [Taken(OIL, "R9", 1000), Taken(INFECTIOUS, "Y10", 1000)]
    assert used([wide, narrow], taken) == {"1": 1000, "2": 1000}


@given(
    st.lists(st.tuples(st.sampled_from([INFECTIOUS, OIL]), st.sampled_from(["Y10", "R9"]), st.integers(1, 900))),
    st.lists(st.sampled_from([("HW01",), ("HW08",), ("HW01", "HW08")]), min_size=1, max_size=3),
)
def test_nothing_is_lost_or_counted_twice(flows: list[tuple[str, str, int]], scopes: list[tuple[str, ...]]) -> None:
    papers = [replace(PAPER, number=str(n), scope=scope) for n, scope in enumerate(scopes)]
    taken = [Taken(*flow) for flow in flows]
    covered = sum(flow.mass_g for flow in taken if any(paper.covers(flow.waste_code) for paper in papers))
    assert sum(used(papers, taken).values()) == covered


CONTRACT = Agreement("合1", TODAY - DAY, TODAY, ("HW08",))


@pytest.mark.parametrize(
    ("contracts", "code"),
    [
        ([], "no_contract"),
        ([replace(CONTRACT, valid_until=TODAY - DAY)], "contract_out_of_date"),
        ([replace(CONTRACT, valid_from=TODAY + DAY)], "contract_out_of_date"),
        ([replace(CONTRACT, scope=("HW01",))], "contract_scope"),
        ([CONTRACT], None),
        ([replace(CONTRACT, scope=())], None),
    ],
)
def test_a_contract_holds_on_its_days_for_what_it_names(contracts: list[Agreement], code: str | None) -> None:
    reasons = contract_problems(contracts, "处置中心", [OIL], TODAY)
    assert [reason.code for reason in reasons] == ([f"papers.{code}"] if code else [])
    reasons = carrier_contract_problems(contracts, "承运公司", [OIL], TODAY)
    of_carrier = code and code.replace("contract", "carrier_contract")
    assert [(reason.code, reason.field) for reason in reasons] == (
        [(f"papers.{of_carrier}", "carrier_id")] if of_carrier else []
    )
