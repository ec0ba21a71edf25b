"""Imports in the browser: who may, the whole way from template to result, and what is said on it."""

import io

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from tests.client import Browser
from tests.features.imports.conftest import Desk
from tests.features.imports.files import hospital, repacked, text, workbook
from tests.living import sit_down
from wastetrack.domain.access import Actor
from wastetrack.domain.imports import ImportKind
from wastetrack.infra.ids import new_token

MANY = [hospital(number) for number in range(1, 202)]


@pytest.fixture
def system(app: Flask, keeper: Actor) -> Browser:
    return sit_down(Browser(app), keeper)


@pytest.fixture
def security(app: Flask, warden: Actor) -> Browser:
    return sit_down(Browser(app), warden)


def send(browser: Browser, content: bytes, name: str = "单位.csv", kind: str = "organisations") -> TestResponse:
    browser.get(f"/imports/new/{kind}")
    return browser.post(f"/imports/new/{kind}", {"file": (io.BytesIO(content), name), "act_key": new_token()})


def cells(content: bytes, sheet: int = 0) -> list[list[str]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(sheet).to_python()


def test_each_administrator_is_offered_what_he_may_import(system: Browser, security: Browser) -> None:
    assert "/imports/new/organisations" in system.get("/imports").text
    assert "/imports/new/users" not in system.get("/imports").text
    assert "/imports/new/users" in security.get("/imports").text
    assert system.get("/imports/new/users").status_code == 404
    assert security.get("/imports/new/licences").status_code == 404
    assert system.get("/imports/templates/users.xlsx").status_code == 404


@pytest.mark.parametrize("kind", [kind.value for kind in ImportKind if kind.act is ImportKind.SITES.act])
def test_the_templates_are_chinese_and_are_read_back(system: Browser, kind: str) -> None:
    book = system.get(f"/imports/templates/{kind}.xlsx").data
    header, notes = cells(book)[0], cells(book, 1)
    assert [line[0] for line in notes[1:]] == header
    plain = system.get(f"/imports/templates/{kind}.csv").data
    assert plain.startswith(b"\xef\xbb\xbf")
    assert plain.decode("utf-8-sig").strip().split(",") == header
    assert "文件的标题行下没有数据" not in send(system, book, "x.xlsx", kind).text


def test_the_name_of_a_downloaded_file_goes_through_the_wire(system: Browser) -> None:
    answer = system.get("/imports/templates/organisations.xlsx")
    assert "filename*=UTF-8''%E5%8D%95%E4%BD%8D.xlsx" in answer.headers["Content-Disposition"]
    assert all(value.encode("latin-1") for value in answer.headers.values())


def test_the_examples_of_the_template_are_right(system: Browser) -> None:
    book = system.get("/imports/templates/organisations.xlsx").data
    example = {title: value for title, _need, _note, value, _words in cells(book, 1)[1:]}
    page = system.get(send(system, text([example])).location).text
    assert "检查完毕，尚未保存任何内容。" in page
    assert "有误的行" not in page


def test_a_short_file_is_checked_at_once_and_saved_at_once(system: Browser) -> None:
    here = send(system, workbook([hospital(1), hospital(2)]), "C:/桌面/单位.xlsx").location
    page = system.get(here).text
    assert "单位.xlsx" in page
    assert "桌面" not in page
    system.post(f"{here}/save", {"act_key": new_token()})
    assert "文件已导入。" in system.get(here).text
    assert "演示医院2" in system.get("/organisations").text
    assert "单位.xlsx" in system.get("/imports").text


def test_wrong_rows_are_named_and_can_be_downloaded_mended_and_sent_again(system: Browser) -> None:
    here = send(system, text([hospital(1), hospital(2, phone="=HYPERLINK(1)")])).location
    page = system.get(here).text
    assert "有1行有误" in system.post(f"{here}/save", {"act_key": new_token()}).text
    assert "导入正确的行，跳过有误的行" in page
    book = system.get(f"{here}/wrong.xlsx")
    header, row = cells(book.data)
    assert row[header.index("电话")] == "=HYPERLINK(1)"
    assert row[-1].startswith("第3行：电话")
    assert b"<f>" not in book.data
    mended = [row[:-1], header[:-1]]
    mended[0][header.index("电话")] = "0311-00000000"
    again = "\n".join(",".join(line) for line in reversed(mended)).encode()
    assert "检查完毕" in system.get(send(system, again).location).text


def test_only_the_right_rows_are_saved_when_ticked(system: Browser) -> None:
    here = send(system, text([hospital(1), hospital(2, phone="")])).location
    system.post(f"{here}/save", {"only_right": "yes", "act_key": new_token()})
    assert "文件已导入。" in system.get(here).text
    organisations = system.get("/organisations").text
    assert "演示医院1" in organisations
    assert "演示医院2" not in organisations


def test_a_file_that_cannot_be_read_is_answered_at_its_field(system: Browser) -> None:
    macros = repacked(workbook([hospital(1)]), {"xl/vbaProject.bin": b"x"})
    answer = send(system, macros, "单位.xlsm")
    assert answer.status_code == 422
    assert "工作簿含有宏。" in answer.text
    assert "请先选择文件。" in system.post("/imports/new/organisations", {"act_key": new_token()}).text
    missing = send(system, "名称,电话\n甲,1".encode())
    assert "文件缺少以下列" in missing.text


def test_a_long_file_shows_its_progress_and_is_done_beside_the_site(system: Browser, desk: Desk) -> None:
    here = send(system, text(MANY)).location
    page = system.get(here).text
    assert "正在检查各行" in page
    assert "0</span>" in page
    desk.outbox.run_due()
    assert "检查完毕" in system.get(here).text
    system.post(f"{here}/save", {"act_key": new_token()})
    assert "正在保存各行" in system.get(here).text
    desk.outbox.run_due()
    assert "文件已导入。" in system.get(here).text


def test_sending_the_form_twice_is_one_import(system: Browser) -> None:
    system.get("/imports/new/organisations")
    key = new_token()
    first, second = (
        system.post(
            "/imports/new/organisations", {"file": (io.BytesIO(text([hospital(1)])), "a.csv"), "act_key": key}
        ).location
        for _time in range(2)
    )
    assert first == second


def test_a_file_can_be_given_up(system: Browser) -> None:
    here = send(system, text([hospital(1)])).location
    system.post(f"{here}/give-up")
    assert "该文件已放弃" in system.get(here).text
    assert system.post(f"{here}/save", {"act_key": new_token()}).status_code == 409


def test_an_import_is_not_there_for_whom_it_is_not_to_import(system: Browser, security: Browser) -> None:
    here = send(system, text([hospital(1)])).location
    assert security.get(here).status_code == 404
    security.get("/imports")
    for act in ("save", "give-up", "passwords"):
        assert security.post(f"{here}/{act}", {"act_key": new_token()}).status_code == 404


def test_passwords_are_downloaded_once(security: Browser) -> None:
    row = {"username": "county.demo", "name": "演示监管", "roles": "监管人员", "region_code": "130123"}
    here = send(security, text([row]), "账号.csv", "users").location
    security.post(f"{here}/save", {"act_key": new_token()})
    assert "还有1个没有密码" in security.get(here).text
    book = cells(security.post(f"{here}/passwords").data)
    assert book[1][0] == "county.demo"
    assert len(book[1][2]) >= 12
    assert "没有密码。系统为其中" not in security.get(here).text
    assert security.post(f"{here}/passwords").status_code == 303
