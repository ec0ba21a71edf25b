"""Acts on containers: registering, placing, moving; weighing again, opening and repacking stand in `mending`."""

from wastetrack.domain.containers import Doing
from wastetrack.features.containers.service.moving import (
    InStore,
    OnLeg,
    move,
    move_held,
    note_damage,
    put_on_hand_in,
    put_on_manifest,
    recount,
    recount_unplaced,
    said_of,
)
from wastetrack.features.containers.service.placing import PlaceContainers, VoidContainer, place, void
from wastetrack.features.containers.service.registering import (
    RegisterAlike,
    RegisterContainer,
    register,
    register_alike,
)

__all__ = [
    "Doing",
    "InStore",
    "OnLeg",
    "PlaceContainers",
    "RegisterAlike",
    "RegisterContainer",
    "VoidContainer",
    "move",
    "move_held",
    "note_damage",
    "place",
    "put_on_hand_in",
    "put_on_manifest",
    "recount",
    "recount_unplaced",
    "register",
    "register_alike",
    "said_of",
    "void",
]
