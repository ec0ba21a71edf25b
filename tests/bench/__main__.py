"""`scripts/bench NAME [--rounds N]`: measures, prints both sides, writes JSON to instance/bench/NAME.json."""

import argparse
import importlib
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
NAMES = {"import": "imports", "labels": "labels", "ledger": "ledger"}


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("name", choices=sorted(NAMES))
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    measured = importlib.import_module(f"tests.bench.{NAMES[asked.name]}").measure(asked.rounds)
    result = {
        "bench": asked.name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": asked.rounds,
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
        **measured,
    }
    folder = HOUSE / "instance" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{asked.name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    json.dump(result, sys.stdout, ensure_ascii=False, indent=2)
    print()


main()
