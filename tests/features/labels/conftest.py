"""The world of the chain, with browsers."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask

from tests.client import Browser
from tests.conftest import NOON
from tests.living import chain, living_template, sit_down, store_url, world
from tests.world import World

__all__ = ["chain", "living_template", "store_url", "world"]


@pytest.fixture
def page(app: Flask, world: World) -> Iterator[Callable[[str], Browser]]:
    """Return a browser in which somebody sits, at noon: `page("manager").get("/labels")`."""
    with time_machine.travel(NOON, tick=False):

        def open_as(who: str) -> Browser:
            browser = sit_down(Browser(app, "zh-CN"), world.people[who])
            browser.get("/labels")  # a form of any page lets one send
            return browser

        yield open_as
