"""The list on screen, in both languages, and the operator's commands."""

from pathlib import Path

import pytest
from flask import Flask, g

from tests.conftest import NOON
from wastetrack.domain.access import Actor, Role
from wastetrack.infra.i18n import ENGLISH, speaking

pytestmark = pytest.mark.store

READER = Actor(None, "演示", frozenset({Role.REGULATOR}), region_code="130000", region_paths=("/130000/",))


def _open(app: Flask, address: str, endpoint: str, **arguments: str) -> tuple[str, int]:
    with app.test_request_context(address):
        g.actor = READER
        page, status = app.view_functions[endpoint](**arguments)
        return page, status


def test_without_a_search_the_categories_are_shown_with_their_numbers(app: Flask) -> None:
    page, status = _open(app, "/catalogue", "catalogue.catalogue_page")
    assert status == 200
    assert "精（蒸）馏残渣" in page
    assert "应适用《国家危险废物名录》2025年版" in page


def test_a_search_says_which_edition_it_read(app: Flask) -> None:
    page, _status = _open(app, "/catalogue?q=感染性&on=2024-12-31", "catalogue.catalogue_page")
    assert "841-001-01" in page
    assert "当前适用《国家危险废物名录》2021年版" in page


def test_a_day_that_is_none_is_told_at_its_field_and_keeps_the_search(app: Flask) -> None:
    page, status = _open(app, "/catalogue?q=铬渣&on=gestern", "catalogue.catalogue_page")
    assert status == 422
    assert 'value="铬渣"' in page
    assert "error-summary" in page


def test_the_page_is_complete_in_english(app: Flask) -> None:
    with speaking(ENGLISH):
        page, _status = _open(app, "/catalogue?q=nothing", "catalogue.catalogue_page")
    assert "Nothing in this edition matches" in page


def test_a_code_shows_its_entry_and_its_exemptions(app: Flask) -> None:
    page, status = _open(app, "/catalogue/841-001-01", "catalogue.code_page", waste_code="841-001-01")
    assert status == 200
    assert "感染性废物" in page
    assert "不按危险废物进行运输" in page


def test_an_unlisted_code_says_so(app: Flask) -> None:
    page, status = _open(app, "/catalogue/321-999-48", "catalogue.code_page", waste_code="321-999-48")
    assert status == 404
    assert "未列入2021年版名录" in page


def test_the_command_may_be_given_again(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["catalogue", "load"])
    answer = app.test_cli_runner().invoke(args=["catalogue", "load"])
    assert answer.exit_code == 0, answer.output
    assert "regions：共 57109 行，无变化" in answer.output
    assert app.test_cli_runner().invoke(args=["catalogue", "load", "--if-new"]).output == ""


def test_the_command_tells_every_fault_of_a_file_and_loads_nothing(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / f"list-{NOON.year}.csv"
    file.write_text("code,category_name,industry,description,hazards\n12,,x,x,T\n", encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["catalogue", "load-edition", "2025", str(file)])
    assert answer.exit_code == 1
    assert "第 2 行：“category_name”为空。" in answer.output
    assert "12" in answer.output
