"""Importing files: sending one, having it checked and saved row by row through the services of what its rows are."""

from wastetrack.features.imports.service.acts import (
    OUTBOX,
    PASSWORDS_AT_ONCE,
    SHEETS,
    GivePasswords,
    GiveUp,
    SaveRows,
    SendFile,
    give_passwords,
    give_up,
    opened,
    save_rows,
    send_file,
    stream_of,
    take,
    waiting_for_passwords,
)
from wastetrack.features.imports.service.columns import Column, Row
from wastetrack.features.imports.service.forgetting import forget_files
from wastetrack.features.imports.service.passes import go_on, open_import, stop
from wastetrack.features.imports.service.remarks import unpacked
from wastetrack.features.imports.service.sheets import Opened, Sheet

__all__ = [
    "OUTBOX",
    "PASSWORDS_AT_ONCE",
    "SHEETS",
    "Column",
    "GivePasswords",
    "GiveUp",
    "Opened",
    "Row",
    "SaveRows",
    "SendFile",
    "Sheet",
    "forget_files",
    "give_passwords",
    "give_up",
    "go_on",
    "open_import",
    "opened",
    "save_rows",
    "send_file",
    "stop",
    "stream_of",
    "take",
    "unpacked",
    "waiting_for_passwords",
]
