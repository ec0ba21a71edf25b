"""What the law and the house say of labels, at the exact thresholds."""

from uuid import UUID

import pytest

from wastetrack.domain.labels import (
    FOR_MEDICAL,
    FOR_OTHERS,
    Issued,
    LabelFormat,
    LabelSize,
    ReprintReason,
    What,
    blank_problems,
    copy_problems,
    format_problems,
    sheets_for,
    size_for,
    start_problems,
)

MINE, THEIRS = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(("litres", "side", "labels"), [(50, 100, 1), (51, 150, 1), (450, 150, 1), (451, 200, 2)])
def test_the_size_follows_the_volume_to_the_litre(litres, side, labels):
    assert (size_for(litres).mm, sheets_for(litres)) == (side, labels)


@pytest.mark.parametrize(("litres", "allowed"), [(50, {"100", "150", "200"}), (51, {"150", "200"}), (451, {"200"})])
def test_a_size_is_changed_only_upwards(litres, allowed):
    sizes = [one for one in FOR_OTHERS if one.size]
    fine = {one.size for one in sizes if not format_problems(one, medical=False, litres=litres, code="C", field="f")}
    assert {size.value for size in fine if size} == allowed


def test_no_paper_below_100_mm_bears_a_label_of_hazardous_waste():
    assert all(one.roll_mm is None and one.grid is None for one in LabelFormat if one.what is What.LABEL)
    assert [one for one in FOR_OTHERS if one.what is What.TAG] == []
    assert [one for one in FOR_MEDICAL if one.what is What.LABEL] == []


def test_sheets_go_from_eight_to_forty_places():
    places = {one.grid: one.places for one in LabelFormat if one.grid}
    assert (places[2, 4], places[4, 10], LabelFormat.TAG_80X60.places) == (8, 40, 1)
    assert LabelSize.MM100.mm == 100


@pytest.mark.parametrize(("start", "fine"), [(0, False), (1, True), (8, True), (9, False)])
def test_a_sheet_has_the_places_it_has(start, fine):
    assert (start_problems(start, [LabelFormat.TAG_2X4]) == []) is fine


def test_a_roll_has_no_places_to_begin_at():
    assert start_problems(7, [LabelFormat.TAG_80X60]) == []


@pytest.mark.parametrize(
    ("printed", "reason", "note", "problem"),
    [
        (0, None, "", None),
        (1, None, "", "label.reprint"),
        (1, ReprintReason.LOST, "", None),
        (1, ReprintReason.OTHER, "", "label.reprint_note"),
        (1, ReprintReason.OTHER, "演示", None),
    ],
)
def test_every_copy_after_the_first_has_its_reason(printed, reason, note, problem):
    assert [one.code for one in copy_problems(printed, reason, note)] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("issued", "problem"),
    [
        (None, "blank.unknown"),
        (Issued(THEIRS, used=False, withdrawn=False), "blank.foreign"),
        (Issued(MINE, used=True, withdrawn=True), "blank.used"),
        (Issued(MINE, used=False, withdrawn=True), "blank.withdrawn"),
        (Issued(MINE, used=False, withdrawn=False), None),
    ],
)
def test_a_blank_label_is_bound_once_by_whom_it_was_issued_to(issued, problem):
    assert [one.code for one in blank_problems("C", issued, MINE)] == ([problem] if problem else [])
