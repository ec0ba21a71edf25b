"""Whatever people pack, open and carry: what is in a large box is where the box is, and nothing is lost or doubled."""

from collections import Counter

import pytest

from tests.features.boxes.conftest import Packer
from tests.features.lives.living import live
from tests.features.lives.packing import Packing

pytestmark = pytest.mark.store


def test_whatever_is_packed_is_where_its_box_is_and_the_record_tells_it(houses, work_as):
    done: Counter[tuple[str, bool]] = Counter()

    class Lived(Packing):
        def __init__(self):
            super().__init__(Packer(houses, work_as), done)

    live(Lived, 6, 30, work_as)
    assert all(done[act, True] for act in ("pack", "close", "sign")), done
