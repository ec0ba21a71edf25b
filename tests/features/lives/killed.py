"""The real site in processes of its own, to be killed, and clients who work on it over HTTP and note each answer."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.conftest import HOUSE
from wastetrack.features.manifests.service.base import scan_key
from wastetrack.infra.ids import new_token

PATIENCE = 120
SECRET = "a-secret-that-only-the-tests-know-0123456789"
SCANS = {"container.load": "manifest.box_loaded", "container.unload": "manifest.box_unloaded"}
"""What is written twice, in the life of the container and in that of the manifest."""
Answered = tuple[str, str]
"""The kind of an act and the key that it is written with."""


@dataclass
class Site:
    """The site as `scripts/run` starts it, its servers and its worker in one group of processes."""

    url: str
    folder: Path
    port: int
    _running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start everything; who is there first is answered first."""
        settings = {
            "DATABASE_URL": self.url, "INSTANCE_PATH": str(self.folder), "HOST": "127.0.0.1", "PORT": str(self.port),
            "SECRET_KEY": SECRET, "PUBLIC_URL": "http://127.0.0.1:8000", "LEDGER_INTERVAL": "1",
        }  # fmt: skip
        with (self.folder / "said").open("ab") as said:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "wastetrack.app", "serve", "--workers", "2"],
                cwd=HOUSE, env=os.environ | settings, stdout=said, stderr=said, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill -9 every process of it at once; return when none is left."""
        if self._running is None:
            return
        group, self._running = self._running, None
        with suppress(ProcessLookupError):
            os.killpg(group.pid, signal.SIGKILL)
        group.wait()
        until = time.monotonic() + PATIENCE
        while _alive(group.pid):
            assert time.monotonic() < until, "a process of the site outlived kill -9"
            time.sleep(0.01)

    def said(self) -> str:
        """Return its last words, and how it ended if it ended by itself."""
        ended = self._running.poll() if self._running else None
        return f"ended: {ended}; {(self.folder / 'said').read_text(errors='replace')[-4000:]}"

    def is_up(self) -> bool:
        """Tell whether it has not ended by itself."""
        return self._running is None or self._running.poll() is None


def _alive(group: int) -> bool:
    """Tell whether a process of this group is left that still runs: a dead one may wait for whoever inherits it."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


@dataclass
class Client(Thread):
    """Somebody at work over HTTP. What is not answered is sent again with the same key until it is."""

    site: Site
    cookie: str
    token: str
    rounds: Callable[["Client"], None]
    stop: Event
    lives: dict[str, list[Answered]] = field(default_factory=dict)
    """By the code of a container: each act that was answered, with the key it is written with, in order."""
    answers: int = 0
    repeated: int = 0
    failed: str = ""

    def __post_init__(self) -> None:
        """Become a thread."""
        super().__init__(daemon=True)

    __hash__ = Thread.__hash__

    def run(self) -> None:
        """Work until told to stop."""
        try:
            while not self.stop.is_set():
                self.rounds(self)
        except Exception as error:  # noqa: BLE001  (the test says it)
            self.failed = repr(error)

    def act(self, kind: str, path: str, form: dict[str, object], code: str = "") -> str:
        """Do one act and note it when it is answered; return the code of the container."""
        key, until = new_token(), time.monotonic() + PATIENCE
        while (answer := self._post(path, {**form, "act_key": key})) is None:
            assert time.monotonic() < until, f"{path} was never answered"
            time.sleep(0.05)
        status, there, page = answer
        assert (status, "/sign-in" in there) == (303, False), (kind, path, status, there, page)
        code = code or parse_qs(urlsplit(there).query)["sealed"][0]
        self.lives.setdefault(code, []).append((kind, scan_key(key, code) if kind in SCANS else key))
        self.answers += 1
        return code

    def _post(self, path: str, form: dict[str, object]) -> tuple[int, str, str] | None:
        """Send a form; None where no answer came."""
        line = HTTPConnection("127.0.0.1", self.site.port, timeout=20)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        sent = False
        try:
            line.connect()
            sent = True
            line.request("POST", path, urlencode({"csrf_token": self.token, **form}), headers)
            answer = line.getresponse()
            page = "" if answer.status == 303 else answer.read().decode()
            return answer.status, answer.headers.get("Location", ""), page
        except (OSError, HTTPException):
            self.repeated += sent
            return None
        finally:
            line.close()


@dataclass
class Crew:
    """All clients of a site."""

    site: Site
    clients: list[Client]
    stop: Event

    def answered(self) -> dict[str, list[Answered]]:
        """Return what was answered so far, by the code of the container."""
        return {code: list(acts) for one in self.clients for code, acts in list(one.lives.items())}

    def everybody_goes_on(self) -> None:
        """Wait until each client had one more answer than he has now."""
        had = [one.answers for one in self.clients]
        self.wait_for(lambda: all(one.answers > before for one, before in zip(self.clients, had, strict=True)))

    def go_home(self) -> None:
        """Let everybody end what he is at."""
        self.stop.set()
        self.wait_for(lambda: not any(one.is_alive() for one in self.clients))

    def wait_for(self, done: Callable[[], bool]) -> None:
        """Wait, as long as nobody was answered anything but yes."""
        until = time.monotonic() + PATIENCE
        while not done():
            failed = [one.failed for one in self.clients if one.failed]
            assert not failed, (failed, self.site.said())
            assert self.site.is_up(), self.site.said()
            assert time.monotonic() < until, self.site.said()
            time.sleep(0.02)
