"""A running site, a browser, and the people of the world in front of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium, find_chromium
from tests.journeys.people import Person, at_work
from tests.journeys.site import Site, serving
from tests.living import living_template, store_url, world
from tests.world import World

__all__ = ["living_template", "store_url", "world"]

Opens = Callable[..., Person]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs the browser is a journey, and is passed over where there is none."""
    for item in items:
        if "chrome" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera of the browser sees: the test writes it before somebody opens the camera."""
    return tmp_path_factory.mktemp("camera") / "label.y4m"


@pytest.fixture(scope="module")
def chrome(film: Path) -> Iterator[Browser]:
    """The browser of a module, whose camera plays the film."""
    with chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ) as started:
        yield started


@pytest.fixture
def site(store_url: str, world: World, tmp_path: Path) -> Iterator[Site]:
    """The whole application at a real address, on a copy of the world of its own."""
    with serving(store_url, world, tmp_path) as running:
        yield running


@pytest.fixture
def people(chrome: Browser, site: Site) -> Iterator[Opens]:
    """Call people of the world to work: `people("collector", phone=True)`; their browsers close at the end."""
    with ExitStack() as stack:
        opened: Callable[..., AbstractContextManager[Person]] = partial(at_work, chrome, site)
        yield lambda name, **how: stack.enter_context(opened(name, **how))
