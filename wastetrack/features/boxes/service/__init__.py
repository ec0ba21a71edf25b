"""Acts on large boxes: keeping and washing them, packing, moving them with everything in them."""

from wastetrack.features.boxes.service.base import Whole, foreign, hold
from wastetrack.features.boxes.service.keeping import (
    CleanBox,
    PlaceBox,
    RegisterBoxes,
    RetireBox,
    clean,
    place,
    register,
    retire,
)
from wastetrack.features.boxes.service.noticing import notice
from wastetrack.features.boxes.service.packing import (
    PackIn,
    ShutBox,
    TakeOut,
    close,
    pack,
    reopen,
    take_out,
)
from wastetrack.features.boxes.service.whole import move_whole

__all__ = [
    "CleanBox",
    "PackIn",
    "PlaceBox",
    "RegisterBoxes",
    "RetireBox",
    "ShutBox",
    "TakeOut",
    "Whole",
    "clean",
    "close",
    "foreign",
    "hold",
    "move_whole",
    "notice",
    "pack",
    "place",
    "register",
    "reopen",
    "retire",
    "take_out",
]
