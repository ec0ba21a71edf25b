"""At the gate and on the lorry: what was recorded by mistake is put right at its line, and asked about once."""

import pytest

from tests.journeys.conftest import Opens
from tests.journeys.site import Site
from wastetrack.domain.container_code import pretty
from wastetrack.domain.ledger import Evidence

EVERYWHERE = pytest.mark.parametrize(("language", "phone"), [("zh", True), ("en", False)])


@EVERYWHERE
def test_a_box_is_refused_at_its_line_and_a_wrong_verdict_is_taken_back(
    people: Opens, site: Site, language: str, phone: bool
) -> None:
    boxes = [site.chain.bag() for _ in range(3)]
    site.chain.sign([site.chain.bag()])
    site.chain.depart([site.chain.bag()])
    load = site.chain.arrive(site.chain.depart(boxes))
    operator = people("operator", phone=phone, language=language).open("/receipts")
    operator.sees("At the gate: scan in and confirm", "On the way", "Signed, not departed yet", "24:00")
    operator.shot("receipts")
    operator.follow(load.number or "")
    operator.page.get_by_role("link", name=pretty(boxes[1].code)).click()  # type: ignore[arg-type]
    operator.sees("Refuse a container").shot("refusing")
    operator.fill("Reason", "渗漏").press("Refuse")
    operator.sees("{code} is refused. Manifest {number}.", code=pretty(boxes[1].code), number=load.number)  # type: ignore[arg-type]
    operator.scan("Code on the label", boxes[0].code).shot("judged")
    operator.press("Take the verdict back: {code}", code=pretty(boxes[1].code), sure=True)  # type: ignore[arg-type]
    operator.sees("Not yet received: {n}", n=2)
    operator.scan("Code on the label", boxes[0].code).sees("This one is not recorded")
    operator.shot("not-recorded")
    operator.open(f"/manifests/{load.id}").sees(Evidence.CONFIRMED.label).shot("manifest")
    operator.open("/manifests").shot("manifests")


@EVERYWHERE
def test_the_driver_unloads_after_one_question_and_has_one_way_with_a_photo(
    people: Opens, site: Site, language: str, phone: bool
) -> None:
    boxes = [site.chain.bag() for _ in range(3)]
    load = site.chain.sign(boxes)
    driver = people("driver", phone=phone, language=language).open(f"/trips/{load.id}")
    driver.scan("Scan the next label", boxes[0].code).scan("Scan the next label", boxes[1].code)
    driver.sees("Take a photo of the code").shot("trip")
    assert driver.page.get_by_text(driver.words("Send a photo of the label instead")).is_hidden()
    driver.page.get_by_role("button", name=driver.words("Unload {code}", code=pretty(boxes[0].code))).click()  # type: ignore[arg-type]
    driver.shot("unload-asked")
    driver.page.locator("dialog button[value=yes]").click()
    driver.sees("Still to load", "1/3")
    wrong = boxes[0].code[:-1] + ("A" if boxes[0].code[-1] != "A" else "B")
    driver.scan("Scan the next label", wrong).sees("This one is not recorded")
    driver.sees(wrong[-1]).shot("mistyped")
