"""A manager invites somebody at her desk; the link is opened on a telephone, and the person comes in."""

import re

import pytest

from tests.journeys.conftest import Opens
from tests.journeys.looks import flaws

CHOSEN = "Another-horse-8"


@pytest.mark.parametrize(("language", "phone"), [("zh", False), ("en", True)])
def test_somebody_is_invited_and_comes_in(people: Opens, language: str, phone: bool) -> None:
    manager = people("manager", language=language, phone=phone)
    manager.open("/accounts").follow("Invite somebody")
    manager.fill("Person's name", "演示新人").fill("Username", "newcomer").tick("Collector").shot("invite")
    manager.press("Make the link").sees("The link is made").shot("link")
    assert flaws(manager.page, language) == []
    link = re.search(r"/invitation/[0-9A-Z]{26}", manager.page.inner_text("main"))
    assert link is not None
    manager.follow("Passed on, go on").sees("演示新人").shot("invitations")
    assert flaws(manager.page, language) == []

    guest = people("newcomer", language=language, phone=not phone).open(link.group()).sees("You are invited")
    guest.fill("New password", "short").fill("New password once more", "other").press("Set the password")
    guest.sees("This cannot be accepted yet").shot("invitation")
    assert flaws(guest.page, language) == []
    guest.fill("New password", CHOSEN).fill("New password once more", CHOSEN).press("Set the password")
    guest.sees("Your password is set. Sign in as {username}.", username="newcomer")
    guest.fill("Username", "newcomer").fill("Password", CHOSEN).press("Sign in").sees("Collector")
    guest.open(link.group()).sees("This link opens nothing").shot("over")
    assert flaws(guest.page, language) == []
