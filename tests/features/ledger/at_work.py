"""A writer or a sealer as a process to be killed: `python -m tests.features.ledger.at_work write URL FOLDER`.

A writer notes each event in its file after the commit was acknowledged, and only then.
"""

import sys
from pathlib import Path

from wastetrack.domain.access import SYSTEM
from wastetrack.features.ledger import service
from wastetrack.infra import clock
from wastetrack.infra.db import make_engine, writing
from wastetrack.infra.ids import new_token
from wastetrack.infra.signing import KeyRing
from wastetrack.infra.work import Work


def write(url: str, folder: Path) -> None:
    """Write until killed, three streams in turn, two events in each transaction."""
    engine, mine, number = make_engine(url), new_token(), 0
    with (folder / f"acknowledged-{mine}").open("w") as noted:
        while True:
            with writing(engine) as session:
                work = Work(session, SYSTEM, clock.now())
                made = [
                    service.append(work, f"test:{mine}-{number % 3}", "test.done", {"at": number}) for _ in range(2)
                ]
            for event in made:
                noted.write(f"{event.stream} {event.seq}\n")
            noted.flush()
            number += 1


def seal(url: str, folder: Path) -> None:
    """Seal and sign until killed."""
    engine, kept = make_engine(url), service.KeptHeads(folder / "ledger")
    sealer = service.LogSealer(engine, KeyRing(kept.folder / "keys"), kept)
    while True:
        sealer.round()


if __name__ == "__main__":
    {"write": write, "seal": seal}[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
