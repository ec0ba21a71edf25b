"""For tests of the later links of the chain: waste made and brought somewhere past what comes before, and browsers.

Use by `from tests.chain import *` in a conftest: it brings the world of `tests.living` along.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.client import Browser
from tests.conftest import NOON
from tests.living import living_template, store_url, world
from tests.world import World
from wastetrack.domain.access import SYSTEM, Actor
from wastetrack.domain.containers import Doing
from wastetrack.domain.security import Assurance
from wastetrack.features.accounts.models import SignIn
from wastetrack.features.containers.models import Container
from wastetrack.features.containers.service import InStore, RegisterContainer, move, register
from wastetrack.web.login import hash_of

__all__ = ["_at_noon", "living_template", "signed_in", "store_url", "world"]


def sealed(
    work_as, who: Actor, waste: str = "infectious", mass: str = "2.50", now: datetime = NOON, **given: str
) -> Container:
    """Register one container as this person."""
    with work_as(who, now) as work:
        return register(work, RegisterContainer.model_validate({"waste": waste, "mass": mass, **given}))


def standing(work_as, container: Container, world: World, store: str, now: datetime = NOON) -> Container:
    """Put a container into a store of the world, however it came there."""
    with work_as(SYSTEM, now) as work:
        return move(work, container.id, Doing.STORE, to=InStore(world.stores[store]))


@pytest.fixture
def _at_noon() -> Iterator[None]:
    """Have the whole application believe that it is NOON."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def signed_in(world: World, app: Flask, work_as, _at_noon) -> Callable[..., Browser]:
    """Open a browser as somebody of the world, in Chinese unless said otherwise."""

    def sign_in(name: str, language: str = "zh-CN") -> Browser:
        browser = Browser(app, language)
        token = f"{name}-{language}"
        with work_as() as work:
            work.session.merge(
                SignIn(
                    token_hash=hash_of(token), user_id=world.people[name].user_id, created_at=NOON, seen_at=NOON,
                    expires_at=NOON + timedelta(days=30), device="test",
                    proven_at=NOON, assurance=Assurance.PASSWORD,
                )
            )  # fmt: skip
        with browser._client.session_transaction() as cookie:
            cookie["_user_id"] = token
        browser.get("/find-code")
        return browser

    return sign_in


def chinese_in(page: str, world: World) -> set[str]:
    """Return the Chinese words on a page, but for the names of the world, of people and of the other language."""
    for one in (*world.organisations.values(), *world.stores.values()):
        page = page.replace(one.name, "")
    found = re.findall(r">([^<>]*[\u4e00-\u9fff][^<>]*)<", page.replace("暂存间", "").replace("演示-", ""))
    return set(found) - {"中文"}
