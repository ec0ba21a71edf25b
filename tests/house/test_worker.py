"""The worker beside the site: whoever kills the site does not leave it behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SITE = """
import os, subprocess, sys
worker = subprocess.Popen([sys.executable, "-c", '''
import sys, time
from wastetrack.infra import jobs
with jobs.beating((jobs.beside(int(sys.argv[1])),)):
    print("up", flush=True)
    time.sleep(60)
''', str(os.getpid())])
print(worker.pid, flush=True)
worker.wait()
"""


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_worker_stops_when_its_site_was_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", SITE], stdout=subprocess.PIPE, text=True) as site:
        assert site.stdout is not None
        worker = int(site.stdout.readline())
        assert site.stdout.readline() == "up\n"
        assert _lives(worker)
        site.kill()
    for _ in range(100):
        if not _lives(worker):
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker went on alone")
