"""The world of `tests.world` with large boxes in it, and the acts on them in one line each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import NOON
from tests.features.manifests.conftest import Trade
from tests.living import living_template, store_url, world
from wastetrack.features.boxes import queries, service
from wastetrack.features.boxes.models import Box
from wastetrack.features.containers.models import Container
from wastetrack.infra.ids import new_token

__all__ = ["living_template", "store_url", "world"]
HOUR = timedelta(hours=1)


@dataclass
class Packer(Trade):
    """The people of the trade, packing."""

    def box(self, who: str = "manager", kind: str = "turnover_box", store: str = "hospital", **given: Any) -> Box:
        command = {"kind": kind, "facility_id": self.world.stores[store].id, "act_key": new_token(), **given}
        return self.act(who, service.register, service.RegisterBoxes.model_validate(command))[0]

    def pack(self, box: Box, *things: Any, who: str = "manager", now=NOON) -> Box:
        codes = tuple(one.code for one in things)
        return self.act(who, service.pack, service.PackIn(box_id=box.id, codes=codes, act_key=new_token()), now)

    def take_out(self, box: Box, *things: Any, who: str = "manager", now=NOON) -> Box:
        codes = tuple(one.code for one in things)
        return self.act(who, service.take_out, service.TakeOut(box_id=box.id, codes=codes, act_key=new_token()), now)

    def close(self, box: Box, who: str = "manager") -> Box:
        return self.act(who, service.close, service.ShutBox(box_id=box.id, act_key=new_token()))

    def reopen(self, box: Box, who: str = "manager") -> Box:
        return self.act(who, service.reopen, service.ShutBox(box_id=box.id, act_key=new_token()))

    def clean(self, box: Box, who: str = "manager", now=NOON, **given: Any) -> Box:
        return self.act(who, service.clean, service.CleanBox(box_id=box.id, act_key=new_token(), **given), now)

    def put(self, box: Box, store: str, who: str, now=NOON) -> Box:
        place = self.world.stores[store].id
        return self.act(
            who, service.place, service.PlaceBox(box_id=box.id, facility_id=place, act_key=new_token()), now
        )

    def filled(self, count: int = 2, **given: Any) -> tuple[Box, list[Container]]:
        """Return a closed box with so many bags in it."""
        box, bags = self.box(**given), self.boxes(count)
        self.close(self.pack(box, *bags))
        return box, bags


@pytest.fixture
def packer(world: Any, work_as: Any) -> Packer:
    return Packer(world, work_as)


@pytest.fixture
def stands(session: Any) -> Any:
    """Read a container or box as it is kept."""

    def read(one: Any) -> Any:
        session.rollback()
        return session.get(type(one), one.id, populate_existing=True)

    return read


@pytest.fixture
def load_of(session: Any, stands: Any) -> Any:
    """Count what is in a box: how many containers of how many grams."""

    def read(box: Box) -> tuple[int, int]:
        found = queries.load(session, stands(box))
        return found.count, found.mass_g

    return read
