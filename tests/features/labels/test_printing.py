"""A label is printed as the law and the printer want it, and every copy stands in the history of its container."""

import json
import re
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import func, select

from tests.conftest import NOON
from wastetrack.domain.containers import Packaging
from wastetrack.domain.labels import LabelFormat, PrintState, ReprintReason
from wastetrack.domain.problems import Refusal
from wastetrack.features.containers import service as containers
from wastetrack.features.containers.models import Container
from wastetrack.features.labels import service
from wastetrack.features.labels.models import LabelCopy, LabelPrint
from wastetrack.features.ledger.models import LedgerEvent
from wastetrack.infra.ids import new_token

pytestmark = pytest.mark.store


def print_out(chain, *boxes, who="collector", **asked):
    with chain.work_as(chain.world.people[who], NOON) as work:
        command = service.PrintLabels.model_validate(
            {"codes": [one.code for one in boxes], "act_key": new_token(), **asked}
        )
        return service.print_labels(work, command)


def refused(chain, *boxes, **asked):
    with pytest.raises(Refusal) as caught:
        print_out(chain, *boxes, **asked)
    return [(problem.code, problem.field) for problem in caught.value.problems]


def history(session, box):
    query = (
        select(LedgerEvent.kind, LedgerEvent.facts)
        .where(LedgerEvent.stream == f"container:{box.id}")
        .order_by(LedgerEvent.seq)
    )
    return [(kind.removeprefix("container."), json.loads(facts)) for kind, facts in session.execute(query)]


def drum(chain, **given):
    with chain.work_as(chain.world.people["factory"], NOON) as work:
        asked = {"waste": "900-249-08", "mass": "150", "packaging": "drum", **given}
        return containers.register(work, containers.RegisterContainer.model_validate(asked))


@pytest.fixture
def made(chain, app):
    """Print and make the file, return its bytes."""

    def make(*boxes, **asked):
        one = print_out(chain, *boxes, **asked)
        app.extensions["wastetrack.outbox"].run_due()
        with chain.work_as(chain.world.people["collector"], NOON) as work:
            done = work.session.get_one(LabelPrint, one.id)
            assert done.state is PrintState.DONE
            return app.extensions["wastetrack.files"].read(done.file_hash)

    return make


def text_of(pdf, page=0):
    return pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range()


# --- copies ---------------------------------------------------------------------------------------------------------


def test_the_first_print_is_on_the_record(chain, session):
    box = chain.bag()
    one = print_out(chain, box)
    kind, facts = history(session, box)[-1]
    assert (kind, facts["copy"], facts["format"], facts["print"]) == ("label_printed", 1, "tag_80x60", str(one.id))
    row = session.get_one(Container, box.id)
    assert (row.label_copies, row.version) == (1, len(history(session, box)))


def test_a_second_print_without_a_reason_is_refused_and_leaves_nothing(chain, session):
    box = chain.bag()
    print_out(chain, box)
    assert refused(chain, box) == [("label.reprint", "reason")]
    assert session.scalar(select(func.count()).select_from(LabelPrint)) == 1
    assert [kind for kind, _ in history(session, box)].count("label_printed") == 1


def test_another_reason_has_to_be_said(chain):
    box = chain.bag()
    print_out(chain, box)
    assert refused(chain, box, reason="other") == [("label.reprint_note", "note")]


def test_a_reprint_names_its_copy_on_the_paper_and_its_reason_on_the_record(chain, session, made):
    box = chain.bag()
    assert "补打" not in text_of(made(box))
    assert "补打 第2份" in text_of(made(box, reason="damaged", note="雨淋"))
    _, facts = history(session, box)[-1]
    assert (facts["copy"], facts["reprint"], facts["note"]) == (2, "damaged", "雨淋")


def test_the_same_act_twice_is_one_copy(chain, session):
    box = chain.bag()
    key = new_token()
    assert print_out(chain, box, act_key=key).id == print_out(chain, box, act_key=key).id
    assert session.scalar(select(Container.label_copies)) == 1


def test_of_a_store_only_what_has_no_label_is_printed_when_so_asked(chain, session):
    old, new = chain.bag(), chain.bag()
    print_out(chain, old)
    print_out(chain, store=chain.world.stores["hospital"].id, only_new=True)
    assert dict(session.execute(select(Container.id, Container.label_copies)).tuples().all()) == {old.id: 1, new.id: 1}


def test_a_void_label_is_not_printed(chain):
    box = chain.bag(store=None)
    chain.void(box, NOON)
    assert refused(chain, box) == [("label.ended", "codes")]


def test_nobody_prints_the_label_of_another(chain):
    with pytest.raises(Refusal, match="unknown"):
        print_out(chain, chain.bag(), who="doctor_a")


# --- what the law asks ----------------------------------------------------------------------------------------------


def test_a_drum_gets_150_mm_and_a_larger_label_where_it_is_wanted(chain, made):
    page = pypdfium2.PdfDocument(made(drum(chain), who="factory"))[0]
    assert round(page.get_width() / 72 * 25.4) == 150
    page = pypdfium2.PdfDocument(made(drum(chain), who="factory", other="label_200"))[0]
    assert round(page.get_width() / 72 * 25.4) == 200


def test_a_label_says_components_and_precautions_without_typing_and_keeps_the_producers_own_words(chain, made, session):
    first = drum(chain, hazards=["T", "I"])
    assert first.components == first.waste_name
    told = text_of(made(first, who="factory"))
    assert "勿吸入，勿触及皮肤；远离火源和热源" in re.sub(r"\s", "", told)
    drum(chain, hazards=["T", "I"], components="齿轮油、铁屑", precautions="盖紧桶盖")
    again = drum(chain, hazards=["T", "I"])
    assert (again.components, again.precautions) == ("齿轮油、铁屑", "盖紧桶盖")
    assert drum(chain, hazards=["T"]).precautions == "勿吸入，勿触及皮肤"
    (_, facts) = history(session, again)[0]
    assert (facts["components"], facts["precautions"]) == ("齿轮油、铁屑", "盖紧桶盖")
    assert (chain.bag().components, chain.bag().precautions) == ("", "")


def test_words_that_nobody_typed_give_way_where_the_label_is_too_small_for_them(chain):
    box = drum(chain, hazards=["T", "C", "I", "R"], waste_name="废矿物油" * 8, note="暂存" * 10)
    assert (box.components, box.note) == ("", "暂存" * 10)


@pytest.mark.parametrize("field", ["components", "precautions"])
def test_own_words_that_no_label_can_bear_are_refused_at_their_field(chain, field):
    with pytest.raises(Refusal) as caught:
        drum(chain, volume_l=20, **{field: "很长的话" * 50})
    assert [problem.field for problem in caught.value.problems] == [field]


def test_the_volume_on_record_decides_before_the_usual_one(chain, made):
    page = pypdfium2.PdfDocument(made(drum(chain, volume_l=30), who="factory"))[0]
    assert round(page.get_width() / 72 * 25.4) == 100
    page = pypdfium2.PdfDocument(made(drum(chain, packaging="ibc", volume_l=451), who="factory"))[0]
    assert round(page.get_width() / 72 * 25.4) == 200


def test_a_label_below_the_size_for_the_volume_is_refused(chain):
    assert refused(chain, drum(chain), who="factory", other="label_100") == [("label.too_small", "other")]


def test_a_tag_is_not_for_a_drum_nor_a_label_of_hazardous_waste_for_a_bag(chain):
    assert refused(chain, drum(chain), who="factory", other="tag_40x30") == [("label.format", "other")]
    assert refused(chain, chain.bag(), medical="label_100") == [("label.format", "medical")]


def test_an_ibc_gets_two_labels_and_is_one_copy(chain, made, session):
    box = drum(chain, packaging=Packaging.IBC)
    assert len(pypdfium2.PdfDocument(made(box, who="factory"))) == 2
    assert session.scalar(select(LabelCopy.copy)) == 1


def test_what_does_not_fit_the_format_is_refused_with_the_entry_and_a_larger_one_takes_it(chain, made, session):
    with chain.work_as(chain.world.people["collector"], NOON) as work:
        asked = {"waste": "infectious", "mass": "2", "department": "内科", "note": "隔离病区双层包装" * 3 + "及时封口"}
        box = containers.register(work, containers.RegisterContainer.model_validate(asked))
    assert refused(chain, box, medical="tag_40x30") == [("label.does_not_fit", "medical")]
    assert session.scalar(select(Container.label_copies)) == 0
    assert "隔离病区" in text_of(made(box, medical="tag_100x100"))


def test_a_place_that_the_sheet_does_not_have_is_refused(chain):
    assert refused(chain, chain.bag(), medical="tag_2x4", start=9) == [("label.start", "start")]


def test_a_partly_used_sheet_is_gone_on_with(chain, made):
    pdf = made(chain.bag(), medical="tag_2x4", start=4)
    corner = zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil())[0].position.top_left
    across, down = (at / 2 / 72 * 25.4 for at in (corner.x, corner.y))
    assert (across > 105, 74 < down < 149) == (True, True)  # the fourth of 2 × 4: right column, second row


def test_format_and_printer_are_remembered(chain, app):
    with chain.work_as(chain.world.people["collector"], NOON) as work:
        printer = service.keep_printer(work, service.KeepPrinter.model_validate({"name": "护士站", "right": "1.5"}))
    print_out(chain, chain.bag(), medical="tag_60x40", printer_id=printer.id)
    again = print_out(chain, chain.bag())
    assert again.medical is LabelFormat.TAG_60X40


def test_a_printer_that_prints_beside_is_made_good(chain, made):
    def left_edge(pdf):
        image = pypdfium2.PdfDocument(pdf)[0].render(scale=254 / 72).to_pil().convert("RGB")
        return next(x for x in range(image.width) if image.getpixel((x, 300)) != (255, 255, 255))

    with chain.work_as(chain.world.people["collector"], NOON) as work:
        printer = service.keep_printer(work, service.KeepPrinter.model_validate({"name": "护士站", "right": "1.5"}))
    plain = left_edge(made(chain.bag(), medical="tag_2x4"))
    shifted = left_edge(made(chain.bag(), medical="tag_2x4", printer_id=printer.id))
    assert shifted - plain == 15


@pytest.mark.parametrize("typed", ["11", "-10.1", "abc", "nan"])
def test_a_shift_that_is_none_is_refused(typed):
    with pytest.raises(Refusal):
        service.tenths_in(typed)


# --- the pages ------------------------------------------------------------------------------------------------------


def test_a_first_label_is_one_press_and_opens_at_once(page, chain, session):
    box = chain.bag(store=None)
    collector = page("collector")
    answer = collector.post("/labels/print-at-once", {"codes": box.code, "act_key": "K"})
    pdf = collector.get(answer.location)
    assert (answer.status_code, pdf.mimetype) == (303, "application/pdf")
    assert box.code in zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf.data)[0].render(scale=3).to_pil())[0].text


def test_a_further_press_comes_to_the_dialog_and_asks_why(page, chain):
    box = chain.bag(store=None)
    print_out(chain, box)
    answer = page("collector").post("/labels/print-at-once", {"codes": box.code, "act_key": "K"})
    assert answer.status_code == 409
    assert all(reason.value in answer.text for reason in ReprintReason)


def test_the_page_of_a_container_shows_its_copies(page, chain):
    box = chain.bag()
    print_out(chain, box)
    print_out(chain, box, reason="lost")
    told = re.sub(r"<[^>]+>", " ", page("collector").get(f"/c/{box.code}").text)
    assert "标签脱落或遗失" in told
    assert re.search(r"已打印标签\s+2", told)


def test_a_long_print_shows_how_far_it_is_and_then_its_file(page, chain, app, session, monkeypatch):
    monkeypatch.setattr("wastetrack.features.labels.pages.SMALL", 0)
    boxes = [chain.bag() for _ in range(3)]
    collector = page("collector")
    here = collector.post("/labels/print", {"codes": [one.code for one in boxes], "act_key": "K"}).location
    assert 'max="3"' in collector.get(here).text
    assert collector.get(f"{here}/labels.pdf").status_code == 303
    app.extensions["wastetrack.outbox"].run_due()
    assert "/labels.pdf" in collector.get(here).text
    assert len(pypdfium2.PdfDocument(collector.get(f"{here}/labels.pdf").data)) == 3


def test_a_file_is_let_go_after_a_week_and_says_so(page, chain, app, session, made):
    made(chain.bag())
    one = session.scalars(select(LabelPrint)).one()
    files = app.extensions["wastetrack.files"]
    with chain.work_as(chain.world.people["collector"], NOON + timedelta(days=8)) as work:
        assert service.forget_files(work, files) == 1
    with pytest.raises(FileNotFoundError):
        files.read(one.file_hash)
    assert page("collector").get(f"/labels/prints/{one.id}/labels.pdf").status_code == 303


def test_the_print_of_another_organisation_is_not_there(page, chain):
    one = print_out(chain, chain.bag())
    assert page("doctor_a").get(f"/labels/prints/{one.id}").status_code == 404
    assert page("doctor_a").get("/labels").status_code == 200


# --- cancelling -----------------------------------------------------------------------------------------------------


def cancel(chain, one, who="collector"):
    with chain.work_as(chain.world.people[who], NOON) as work:
        return service.cancel_print(work, service.CancelPrint(print_id=one.id))


def test_a_print_cancelled_before_it_begins_makes_no_file_and_is_on_the_record(page, chain, app, session):
    one = print_out(chain, chain.bag())
    answer = page("collector").post(f"/labels/prints/{one.id}/cancel", {"act_key": "K"})
    assert (answer.status_code, answer.location) == (303, f"/labels/prints/{one.id}")
    app.extensions["wastetrack.outbox"].run_due()
    row = session.get_one(LabelPrint, one.id)
    assert (row.state, row.file_hash) == (PrintState.STOPPED, None)
    query = select(LedgerEvent.kind).where(LedgerEvent.stream == f"labels:{one.id}").order_by(LedgerEvent.seq)
    assert list(session.scalars(query)) == ["labels.printed", "labels.cancelled"]
    assert "已取消" in page("collector").get(answer.location).text
    assert "已取消" in page("collector").get("/labels").text


def test_a_print_cancelled_on_its_way_stops_at_the_next_part_and_leaves_no_file(chain, app, session, monkeypatch):
    monkeypatch.setattr(service, "PART", 1)
    one = print_out(chain, *[chain.bag() for _ in range(3)])
    went_on = service.went_on

    def cancelled_after_one(work, print_id, done):
        told = went_on(work, print_id, done)
        if done == 1:
            work.session.commit()
            cancel(chain, one)
        return told

    monkeypatch.setattr(service, "went_on", cancelled_after_one)
    app.extensions["wastetrack.outbox"].run_due()
    row = session.get_one(LabelPrint, one.id)
    assert (row.state, row.done, row.file_hash) == (PrintState.STOPPED, 1, None)
    assert list(app.extensions["wastetrack.files"].kept()) == []


def test_what_is_made_is_not_cancelled_and_nobody_cancels_for_another(chain, app, made, session):
    made(chain.bag())
    one = session.scalars(select(LabelPrint)).one()
    with pytest.raises(Refusal, match=r"label\.not_working"):
        cancel(chain, one)
    with pytest.raises(Refusal, match="unknown"):
        cancel(chain, one, who="doctor_a")


def test_a_cancelled_label_takes_the_next_number_when_it_is_printed_after_all(chain):
    box = chain.bag()
    one = print_out(chain, box)
    assert cancel(chain, one).id == cancel(chain, one).id
    assert refused(chain, box) == [("label.reprint", "reason")]
