"""kill -9 of writers and sealers at random moments: nothing acknowledged is lost, doubled or half, and no head lies.

Takes some seconds, because processes have to start, work and die.
"""

import random
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from tests.conftest import HOUSE
from tests.features.ledger.conftest import all_heads, log_of
from wastetrack.domain.merkle import continues
from wastetrack.features.ledger import queries, service
from wastetrack.infra.db import reader

pytestmark = pytest.mark.store
KILLS = 6


@pytest.fixture
def start(store_url, tmp_path):
    """Start a process; whatever still runs at the end is killed."""
    running = []

    def start_one(what):
        command = [sys.executable, "-m", "tests.features.ledger.at_work", what, store_url, str(tmp_path)]
        one = subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running.append(one)
        return one

    yield start_one
    for one in running:
        one.kill()
        said = one.communicate()[0].decode()
        assert one.returncode == -signal.SIGKILL, said


def test_whoever_is_killed_nothing_acknowledged_is_lost_doubled_or_half(start, store, sealer, tmp_path):
    chance = random.Random(4)
    kinds = ["write", "write", "seal", "seal"]
    crew = [start(kind) for kind in kinds]
    wait_for(lambda: acknowledged(tmp_path) and all_heads(store), crew)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 0.4))
        at = chance.randrange(len(crew))
        crew[at].kill()
        crew[at] = start(kinds[at])
    before = len(acknowledged(tmp_path))
    wait_for(lambda: len(acknowledged(tmp_path)) > before, crew)
    for one in crew:
        one.kill()
        one.wait()
    sealer.round(wait=True)
    log = log_of(store)
    assert len(log) == len(set(log))
    assert acknowledged(tmp_path) <= set(log)
    written = [one for one in log if one[0].startswith("test:")]
    assert all((stream, seq + 1 if seq % 2 else seq - 1) in set(written) for stream, seq in written), (
        "half a transaction"
    )
    with reader(store) as session:
        assert list(service.verify(session, service.Outside(sealer.kept))) == []
        heads = [one.head for one in all_heads(store)]
        assert set(sealer.kept.of(heads[0].log_id)) == set(all_heads(store))
        for old, new in pairwise(heads):
            assert continues(old.size, old.root, new.size, new.root, queries.consistency(session, old.size, new.size))


def wait_for(done, crew):
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until
        assert all(one.poll() is None for one in crew), "somebody died by himself"
        time.sleep(0.05)


def acknowledged(folder):
    """Return what the writers were told is kept; the last line may have broken off with its writer."""
    found = set()
    for path in folder.glob("acknowledged-*"):
        for line in path.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                stream, seq = line.split()
                found.add((stream, int(seq)))
    return found
