"""What may not share a box, a zone or a store: certain pairs refuse, probable ones warn, settings shift both."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.compatibility import (
    RULES,
    Confidence,
    Effect,
    Pair,
    Setting,
    Waste,
    Where,
    effect_of,
    is_laxer,
    problems_of_sharing,
    warnings_of_sharing,
)
from wastetrack.domain.waste_codes import Hazard, WasteCode

TODAY = date(2026, 11, 25)
H = Hazard


def waste(code: str, *hazards: Hazard, label: str = "") -> Waste:
    return Waste(label or f"LABEL-{code}", WasteCode(code), hazards)


INFECTED, SHARPS = waste("841-001-01", H.INFECTIOUS), waste("841-002-01", H.INFECTIOUS)
DRUGS = waste("841-005-01", H.TOXIC)
ACID, ALKALI = waste("900-300-34", H.CORROSIVE), waste("900-352-35", H.CORROSIVE)
CYANIDE = waste("336-104-33", H.REACTIVE, H.TOXIC)
SOLVENT, OIL = waste("900-402-06", H.TOXIC, H.IGNITABLE), waste("900-214-08", H.TOXIC, H.IGNITABLE)
EXPLOSIVE = waste("267-001-15", H.REACTIVE, H.TOXIC)


@pytest.mark.parametrize(
    ("present", "coming", "pair"),
    [
        (INFECTED, OIL, Pair.MEDICAL_OTHER),
        (CYANIDE, ACID, Pair.ACID_CYANIDE),
        (waste("336-001-07", H.TOXIC), ACID, Pair.ACID_CYANIDE),
        (ALKALI, ACID, Pair.ACID_ALKALI),
    ],
)
@pytest.mark.parametrize("where", [Where.PARENT, Where.ZONE])
def test_a_certain_pair_is_refused_either_way_round_naming_both(
    present: Waste, coming: Waste, pair: Pair, where: Where
) -> None:
    for there, comes in ((present, coming), (coming, present)):
        (problem,) = problems_of_sharing([there], comes, where, "codes", on=TODAY)
        assert (problem.code, problem.field) == (f"compatibility.{pair.value}", "codes")
        assert (problem.facts["code"], problem.facts["other"]) == (comes.code, there.code)
        assert problem.facts["reason"] is pair
        assert problem.basis
        assert warnings_of_sharing([there], comes, where, "codes", on=TODAY) == []


@pytest.mark.parametrize(
    ("present", "coming", "pair"),
    [
        (EXPLOSIVE, OIL, Pair.EXPLOSIVE),
        (CYANIDE, ALKALI, Pair.REACTIVE_CORROSIVE),
        (CYANIDE, SOLVENT, Pair.REACTIVE_IGNITABLE),
    ],
)
def test_a_probable_pair_warns_and_blocks_nothing(present: Waste, coming: Waste, pair: Pair) -> None:
    for where in Where:
        assert problems_of_sharing([present], coming, where, "codes", on=TODAY) == []
    (warning,) = warnings_of_sharing([present], coming, Where.ZONE, "codes", on=TODAY)
    assert warning.facts["reason"] is pair


def test_a_store_without_zones_stays_usable() -> None:
    for one in (INFECTED, ALKALI, CYANIDE):
        assert problems_of_sharing([one], ACID, Where.STORE, "codes", on=TODAY) == []
        assert len(warnings_of_sharing([one], ACID, Where.STORE, "codes", on=TODAY)) == 1


def test_drugs_beside_infected_waste_warn_in_a_box_only_and_sharps_not_at_all() -> None:
    assert warnings_of_sharing([INFECTED], DRUGS, Where.PARENT, "codes", on=TODAY)
    assert not warnings_of_sharing([INFECTED], DRUGS, Where.ZONE, "codes", on=TODAY)
    assert not warnings_of_sharing([INFECTED], SHARPS, Where.PARENT, "codes", on=TODAY)


def test_each_pair_of_wastes_is_said_once_and_a_container_never_against_itself() -> None:
    more = [waste("900-352-35", label=f"A{n}") for n in range(5)]
    assert [p.facts["other"] for p in problems_of_sharing(more, ACID, Where.ZONE, "codes", on=TODAY)] == ["A0"]
    assert problems_of_sharing([ACID], ACID, Where.ZONE, "codes", on=TODAY) == []


def test_the_basis_is_the_law_of_the_day() -> None:
    now = problems_of_sharing([ALKALI], ACID, Where.ZONE, "codes", on=date(2026, 8, 15))[0].basis or ""
    before = problems_of_sharing([ALKALI], ACID, Where.ZONE, "codes", on=date(2026, 8, 14))[0].basis or ""
    assert now.startswith("Ecological Environment Code, Art. 535")
    assert before.startswith("Solid Waste Law 2020, Art. 81")
    assert problems_of_sharing([ALKALI], ACID, Where.ZONE, "codes", on=date(2023, 6, 30)) == []


def test_only_what_is_certain_refuses_by_itself() -> None:
    refusing = {rule.pair for rule in RULES if Effect.REFUSE in rule.effects.values()}
    assert refusing == {rule.pair for rule in RULES if rule.confidence is Confidence.CERTAIN}
    assert {rule.pair for rule in RULES} == set(Pair)


def stricter(pair: Pair, effect: Effect, **other: object) -> Setting:
    return Setting(pair, Where.ZONE, effect, TODAY, **other)  # type: ignore[arg-type]


def test_a_setting_makes_a_warning_a_refusal_from_its_first_day_to_its_last() -> None:
    one = stricter(Pair.REACTIVE_IGNITABLE, Effect.REFUSE, last_day=TODAY + timedelta(days=1))
    for days, refused in ((-1, False), (0, True), (1, True), (2, False)):
        on = TODAY + timedelta(days=days)
        found = problems_of_sharing([CYANIDE], SOLVENT, Where.ZONE, "codes", on=on, settings=[one])
        assert bool(found) is refused


def test_only_a_dated_document_loosens_and_the_later_of_a_level_counts() -> None:
    lax, cited = stricter(Pair.ACID_ALKALI, Effect.NONE), stricter(Pair.ACID_ALKALI, Effect.NONE, cited=True)
    back = stricter(Pair.ACID_ALKALI, Effect.REFUSE)
    assert problems_of_sharing([ALKALI], ACID, Where.ZONE, "codes", on=TODAY, settings=[lax])
    assert not problems_of_sharing([ALKALI], ACID, Where.ZONE, "codes", on=TODAY, settings=[cited])
    assert problems_of_sharing([ALKALI], ACID, Where.ZONE, "codes", on=TODAY, settings=[cited, back])
    region = stricter(Pair.ACID_ALKALI, Effect.NONE, cited=True, level=2)
    assert problems_of_sharing([ALKALI], ACID, Where.ZONE, "codes", on=TODAY, settings=[back, region])
    assert is_laxer(Pair.ACID_ALKALI, Where.ZONE, Effect.WARN, TODAY)
    assert not is_laxer(Pair.ACID_ALKALI, Where.ZONE, Effect.REFUSE, TODAY)


CODES = ["841-001-01", "841-004-01", "900-300-34", "900-352-35", "336-104-33", "900-402-06", "267-001-15", "900-047-49"]
wastes = st.builds(
    Waste, st.text("ABC", min_size=1, max_size=2), st.sampled_from(CODES).map(WasteCode),
    st.lists(st.sampled_from(Hazard), unique=True).map(tuple),
)  # fmt: skip
settings = st.lists(
    st.builds(
        Setting, st.sampled_from(Pair), st.sampled_from(Where), st.sampled_from(Effect), st.just(TODAY),
        cited=st.just(False), level=st.sampled_from([1, 2, 99]),
    )
)  # fmt: skip


@given(wastes, wastes, st.sampled_from(Where), settings)
def test_it_is_the_same_whoever_comes_first_and_never_both_refused_and_warned(
    one: Waste, other: Waste, where: Where, entered: list[Setting]
) -> None:
    def told(there: Waste, comes: Waste) -> tuple[list[str], list[str]]:
        args = [there], comes, where, "codes"
        refused = problems_of_sharing(*args, on=TODAY, settings=entered)
        warned = warnings_of_sharing(*args, on=TODAY, settings=entered)
        return [p.code for p in refused], [p.code for p in warned]

    assert told(one, other) == told(other, one)
    assert sum(len(said) for said in told(one, other)) <= 1


@given(st.sampled_from(RULES), st.sampled_from(Where), settings)
def test_what_cites_no_document_never_makes_it_laxer(rule: object, where: Where, entered: list[Setting]) -> None:
    order = [Effect.NONE, Effect.WARN, Effect.REFUSE]
    plain, shifted = effect_of(rule, where, TODAY), effect_of(rule, where, TODAY, entered)  # type: ignore[arg-type]
    assert order.index(shifted) >= order.index(plain)
