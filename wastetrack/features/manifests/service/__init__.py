"""Acts on manifests, by who does them: the consignor, the driver, the receiver."""

from wastetrack.features.manifests.service.damage import DeclareDamaged, RepackOnTheWay, damaged, repack_on_the_way
from wastetrack.features.manifests.service.drafting import (
    ChangeDraft,
    DiscardDraft,
    DraftManifest,
    SignManifest,
    VoidManifest,
    change_draft,
    discard,
    draft,
    sign,
    void,
)
from wastetrack.features.manifests.service.numbers import number_by
from wastetrack.features.manifests.service.presence import (
    GoOnUnverified,
    ProvePresence,
    go_on_unverified,
    prove_presence,
)
from wastetrack.features.manifests.service.receipt import (
    ConfirmReceipt,
    ReceiveBox,
    RefuseBox,
    boxes_treated,
    confirm,
    receive_box,
    refuse_box,
    take_back,
    withdraw,
)
from wastetrack.features.manifests.service.transport import Arrive, Depart, ScanBox, arrive, depart, load, unload

__all__ = [
    "Arrive",
    "ChangeDraft",
    "ConfirmReceipt",
    "DeclareDamaged",
    "Depart",
    "DiscardDraft",
    "DraftManifest",
    "GoOnUnverified",
    "ProvePresence",
    "ReceiveBox",
    "RefuseBox",
    "RepackOnTheWay",
    "ScanBox",
    "SignManifest",
    "VoidManifest",
    "arrive",
    "boxes_treated",
    "change_draft",
    "confirm",
    "damaged",
    "depart",
    "discard",
    "draft",
    "go_on_unverified",
    "load",
    "number_by",
    "prove_presence",
    "receive_box",
    "refuse_box",
    "repack_on_the_way",
    "sign",
    "take_back",
    "unload",
    "void",
    "withdraw",
]
