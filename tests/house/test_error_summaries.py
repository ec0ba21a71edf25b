"""Whoever sends a form with something missing is told what: each line names its field and leads to it."""

import re

import pytest

from tests.chain import *  # noqa: F403
from tests.chain import sealed, standing
from tests.world import World

FORMS = {
    "/sign-in": ("collector", {}, 2),
    "/password": ("collector", {}, 3),
    "/find-code": ("collector", {}, 1),
    "/register": ("collector", {}, 2),
    "/register?other=1": ("collector", {}, 2),
    "/hand-ins": ("doctor_a", {}, 1),
    "/hand-ins/receive": ("attendant", {}, 1),
    "/manifests/new": (
        "manager",
        {"facility_id": "hospital", "carrier_id": "carrier", "receiver_id": "plant", "act_key": "k"},
        4,
    ),
    "/treatment/review": ("operator", {"facility_id": "plant"}, 1),
    "/organisations/new": ("system_admin", {"region_code": "130123"}, 6),
    "/register-organisation": (
        "collector",
        {"region_code": "130123", "reference": "7K3M9QXR2F4C7K3M9QXR2F4C7K"},
        7,
    ),
    "/orders": ("commander", {"region_code": "130123", "all_of": "hospital", "act_key": "k"}, 3),
    "/accounts/new?for=region&region=130123": ("security_admin", {"region_code": "130123"}, 3),
}
"""Forms with nothing in them but what the page itself puts there (ids by their names in the world): who sends them, and
how many lines come back at least."""
LINE = re.compile(r"<li>(.*?)</li>", re.S)
LINK = re.compile(r'<a href="#(field-[^"]+)">(.*?)</a>', re.S)


def summary_of(page: str) -> list[str]:
    """Return the lines of the error summary."""
    found = re.search(r'<div class="error-summary".*?<ul>(.*?)</ul>', page, re.S)
    return LINE.findall(found.group(1)) if found else []


def label_of(page: str, field: str) -> str:
    """Return what the field with this id is called on the page, empty where there is none."""
    found = re.search(
        rf'<label class="field-label" for="{field}">(.*?)[<]|<fieldset[^>]* id="{field}"[^>]*>\s*<legend[^>]*>(.*?)[<]',
        page,
        re.S,
    )
    return (found.group(1) or found.group(2)).strip() if found else ""


def _id_of(world: World, field: str, name: str) -> str:
    return str(world.stores[name].id if field == "facility_id" else world.id(name))


@pytest.fixture
def waste(world: World, work_as) -> None:  # type: ignore[no-untyped-def]
    """Something stands wherever a form asks what to take."""
    for who, store in (("collector", "hospital"), ("doctor_a", "clinic_a"), ("collector", "plant")):
        department = {"department": "内科"} if who == "collector" else {}
        standing(work_as, sealed(work_as, world.people[who], **department), world, store)


@pytest.mark.usefixtures("waste")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_line_names_its_field_and_leads_to_it(signed_in, world: World, language: str) -> None:  # type: ignore[no-untyped-def]
    for path, (who, form, least) in FORMS.items():
        given = {name: _id_of(world, name, value) if name.endswith("_id") else value for name, value in form.items()}
        page = signed_in(who, language).post(path, given).text
        lines = summary_of(page)
        assert len(lines) >= least, (path, lines)
        for line in lines:
            link = LINK.search(line)
            assert link, (path, line)
            field, text = link.groups()
            assert f'id="{field}"' in page, (path, line)
            assert re.match(r"[^.。]{2,40}(: |：)", text), (path, line)
            assert text.startswith(label_of(page, field)), (path, line)


def test_an_empty_registration_is_told_class_and_mass_by_name(signed_in) -> None:  # type: ignore[no-untyped-def]
    lines = summary_of(signed_in("collector", "en").post("/register").text)
    assert [re.sub("<.*?>", "", one).split(":")[0] for one in lines] == ["Class", "Mass"]


def test_a_mass_above_every_limit_is_told_the_limit_of_the_bag(signed_in) -> None:  # type: ignore[no-untyped-def]
    form = {"waste": "infectious", "mass": "99999", "department": "内科"}
    lines = summary_of(signed_in("collector", "en").post("/register", form).text)
    assert len(lines) == 1
    assert "30.00 kg" in lines[0]
