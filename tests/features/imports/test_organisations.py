"""Organisations from a file: checked, saved, repeated without doubling, mended as a careful clerk would."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import WorkAs
from tests.features.imports.conftest import Counts, Desk
from tests.features.imports.files import hospital, text, workbook
from tests.world import credit_code
from wastetrack.domain.access import Actor
from wastetrack.domain.imports import ImportKind, ImportState
from wastetrack.domain.parties import OrganisationState
from wastetrack.domain.problems import Refusal
from wastetrack.features.accounts.models import User
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.features.parties import queries as parties
from wastetrack.features.parties.models import Organisation
from wastetrack.features.parties.service import SetOrganisationState, set_organisation_state

ORGANISATIONS = ImportKind.ORGANISATIONS


def test_a_checked_file_has_saved_nothing(desk: Desk, keeper: Actor, counts: Counts, session: Session) -> None:
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1), hospital(2)]))
    assert (one.state, counts(one)) == (ImportState.CHECKED, (2, 0, 0, 0, 0))
    assert session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_a_saved_file_is_there_with_its_events(desk: Desk, keeper: Actor, session: Session) -> None:
    one = desk.bring(keeper, ORGANISATIONS, text([hospital(1), hospital(2)]))
    assert one.state is ImportState.DONE
    made = parties.by_credit_code(session, credit_code(1))
    assert made is not None
    assert (made.name, made.beds) == ("演示医院1", 100)
    event = session.scalars(select(LedgerEvent).where(LedgerEvent.stream == f"organisation:{made.id}")).one()
    assert (event.actor_id, event.device) == (str(keeper.user_id), f"import {one.id}")


def test_the_same_file_again_changes_nothing(desk: Desk, keeper: Actor, counts: Counts, session: Session) -> None:
    file = text([hospital(1), hospital(2)])
    desk.bring(keeper, ORGANISATIONS, file)
    again = desk.bring(keeper, ORGANISATIONS, file)
    assert counts(again) == (0, 0, 2, 0, 0)
    written = select(func.count()).where(LedgerEvent.stream.startswith("organisation:"))
    assert session.scalar(written) == 2


def test_a_changed_row_changes_the_record(desk: Desk, keeper: Actor, counts: Counts, session: Session) -> None:
    desk.bring(keeper, ORGANISATIONS, text([hospital(1)]))
    again = desk.bring(keeper, ORGANISATIONS, text([hospital(1, name="演示新名医院")]))
    assert counts(again) == (0, 1, 0, 0, 0)
    assert parties.by_credit_code(session, credit_code(1)).name == "演示新名医院"


def test_an_empty_cell_leaves_what_is_recorded(desk: Desk, keeper: Actor, counts: Counts) -> None:
    desk.bring(keeper, ORGANISATIONS, text([hospital(1)]))
    assert counts(desk.send(keeper, ORGANISATIONS, text([hospital(1, beds="")]))) == (0, 0, 1, 0, 0)


def test_every_wrong_cell_is_named_by_row_and_column(desk: Desk, keeper: Actor) -> None:
    wrong = hospital(3, credit_code=credit_code(3)[:-1] + "!", phone="call me", kinds="病院", region_code="火星")
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1), wrong]))
    assert one.wrong == 1
    assert {column for column, _code in desk.said(one)[3]} == {"credit_code", "phone", "kinds", "region_code"}


def test_a_code_wrong_by_two_swapped_characters_is_named(desk: Desk, keeper: Actor) -> None:
    code = credit_code(31)
    swapped = code[:9] + code[10] + code[9] + code[11:]
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1, credit_code=swapped)]))
    assert desk.said(one) == {2: [("credit_code", "credit_code.check")]}


def test_nothing_is_saved_while_a_row_is_wrong(desk: Desk, keeper: Actor, session: Session) -> None:
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1), hospital(2, phone="")]))
    with pytest.raises(Refusal, match=r"import\.has_wrong"):
        desk.save(keeper, one)
    assert session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_the_right_rows_are_saved_alone_when_asked(desk: Desk, keeper: Actor, counts: Counts) -> None:
    file = text([hospital(1), hospital(2, phone=""), hospital(3)])
    one = desk.bring(keeper, ORGANISATIONS, file, only_right=True)
    assert (one.state, counts(one)) == (ImportState.DONE, (2, 0, 0, 0, 1))
    assert desk.said(one) == {3: [("phone", "field.missing")]}


def test_a_row_that_has_become_wrong_since_the_check_stops_the_import_as_a_whole(
    desk: Desk, keeper: Actor, work_as: WorkAs, session: Session
) -> None:
    desk.bring(keeper, ORGANISATIONS, text([hospital(1)]))
    checked = desk.send(keeper, ORGANISATIONS, text([hospital(2), hospital(1, beds="7")]))
    with work_as(keeper) as work:
        known = parties.by_credit_code(work.session, credit_code(1))
        closing = SetOrganisationState(organisation_id=known.id, state=OrganisationState.CLOSED, reason="演示")
        set_organisation_state(work, closing)
    one = desk.save(keeper, checked)
    assert one.state is ImportState.STOPPED
    assert desk.said(one) == {3: [(None, "organisation.closed")]}
    assert parties.by_credit_code(session, credit_code(2)) is None


def test_a_row_that_repeats_another_is_named(desk: Desk, keeper: Actor) -> None:
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1), hospital(2), hospital(1)]))
    assert desk.said(one) == {4: [(None, "import.repeated")]}


def test_rows_that_contradict_each_other_are_all_wrong(desk: Desk, keeper: Actor) -> None:
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1), hospital(1, beds="7")]))
    assert {number: said[0][1] for number, said in desk.said(one).items()} == {
        2: "import.contradicted",
        3: "import.contradicted",
    }


@pytest.mark.parametrize("written", ["130123", "130123000000", "正定县", "石家庄市正定县", "河北省 石家庄市 正定县"])
def test_a_division_is_read_by_code_and_by_name(desk: Desk, keeper: Actor, session: Session, written: str) -> None:
    desk.bring(keeper, ORGANISATIONS, text([hospital(1, region_code=written)]))
    assert parties.by_credit_code(session, credit_code(1)).region_code == "130123"


def test_a_name_that_several_divisions_bear_is_asked_back(desk: Desk, keeper: Actor) -> None:
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1, region_code="桥西区")]))
    assert desk.said(one) == {2: [("region_code", "import.region")]}


def test_a_credit_code_that_became_a_number_is_explained(desk: Desk, keeper: Actor) -> None:
    for file in (workbook([hospital(1, credit_code=911301020000000172)]), text([hospital(1, credit_code="9.113E+17")])):
        one = desk.send(keeper, ORGANISATIONS, file)
        assert desk.said(one)[2] == [("credit_code", "import.crushed")]


def test_several_kinds_stand_in_one_cell(desk: Desk, keeper: Actor, session: Session) -> None:
    desk.bring(keeper, ORGANISATIONS, text([hospital(1, kinds="运输单位、 处置(利用)单位")]))
    made = parties.by_credit_code(session, credit_code(1))
    assert {kind.value for kind in parties.kinds_of(session, made.id)} == {"carrier", "disposer"}


def test_a_sender_whose_account_was_closed_saves_nothing(
    desk: Desk, keeper: Actor, warden: Actor, work_as: WorkAs, session: Session
) -> None:
    one = desk.send(keeper, ORGANISATIONS, text([hospital(1)]))
    with work_as(warden) as work:
        work.session.get_one(User, keeper.user_id).active = False
    assert desk.save(keeper, one).state is ImportState.STOPPED
    assert session.scalar(select(func.count()).select_from(Organisation)) == 0
