"""One of two servers whose people all want the same containers: `python -m tests.features.lives.fighter URL FOLDER`.

Reads what is to be tried from the folder, has all its threads begin when the file `go` is there, and writes the answers
to standard output: the act, the status, and what the page said.
"""

import json
import random
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from config import Settings
from tests.client import Browser
from wastetrack.app import create_app
from wastetrack.infra.ids import new_token


def main(url: str, folder: Path, number: int) -> None:
    """Try every act in every thread, each time in another order and as an act of its own."""
    wanted = json.loads((folder / "wanted.json").read_text())
    settings = Settings(
        database_url=url, secret_key="a-secret-that-only-the-tests-know-0123456789",
        public_url="http://127.0.0.1:8000", instance=folder, testing=True, sign_ins_per_minute=1000,
    )  # fmt: skip
    app = create_app(settings)
    threads = wanted["threads"]
    ready = Barrier(threads)

    def one(thread: int) -> list[list[object]]:
        chance = random.Random(number * 100 + thread)
        people = {}
        for who, cookie in wanted["people"].items():
            browser = people[who] = Browser(app)
            with browser._client.session_transaction() as kept:
                kept["_user_id"], kept["_fresh"] = cookie, True
            browser.get("/find-code")
        if ready.wait() == 0:
            (folder / f"ready-{number}").touch()
        while not (folder / "go").exists():
            time.sleep(0.005)
        told = []
        for act in chance.sample(wanted["acts"], len(wanted["acts"])):
            answer = people[act["who"]].post(act["path"], {**act["form"], "act_key": new_token()})
            said = "" if answer.status_code == 303 else " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
            told.append([act["name"], answer.status_code, said])
        return told

    with ThreadPoolExecutor(threads) as pool:
        answers = [answer for told in pool.map(one, range(threads)) for answer in told]
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
