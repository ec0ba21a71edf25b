"""What is given out can be checked by a stranger with a public key, and says what is wrong and where."""

import importlib.machinery
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HOUSE, NOON
from tests.features.ledger.conftest import all_heads
from wastetrack.domain.access import SYSTEM
from wastetrack.features.ledger import queries, service
from wastetrack.infra.db import reader, writing
from wastetrack.infra.work import Work

pytestmark = pytest.mark.store
SCRIPT = HOUSE / "scripts" / "verify_ledger"
A, B = "test:a", "test:b"
DAY = ["--since", "2026-11-23", "--until", "2026-11-24"]


def _load():
    loader = importlib.machinery.SourceFileLoader("verify_ledger", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("verify_ledger", loader))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def written(store, sealer):
    with writing(store) as session:
        for at in range(30):
            service.append(Work(session, SYSTEM, NOON), B if at % 3 else A, "test.done", {"mass": at, "旧": "医疗废物"})
    sealer.round()


@pytest.fixture
def key(store, tmp_path):
    with reader(store) as session:
        (one,) = queries.keys(session).values()
    path = tmp_path / "key.pem"
    path.write_text(one.public)
    return path


@pytest.fixture
def export(app, tmp_path):
    """Write an export by the command; return its lines."""

    def run(*options):
        path = tmp_path / "export.jsonl"
        done = app.test_cli_runner().invoke(args=["ledger", "export", str(path), *map(str, options)])
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in path.read_text().splitlines()]

    return run


@pytest.fixture
def check(key, tmp_path, monkeypatch, capsys):
    """Check lines with the offline program; return its exit code and all it says."""
    program = _load()

    def run(lines, *options):
        path = tmp_path / "checked.jsonl"
        path.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in lines))
        monkeypatch.setattr(sys, "argv", ["verify_ledger", str(path), "--key", str(key), *map(str, options)])
        code = program.main()
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def event_at(lines, stream, seq):
    return next(line for line in lines if line.get("event", {}).get("seq") == seq and line["event"]["stream"] == stream)


@pytest.mark.parametrize(
    ("options", "number"), [(["--stream", A], 10), (["--stream", A, "--stream", B], 30), ([], 33), (DAY, 31)]
)
def test_what_nobody_touched_is_intact(export, check, options, number):
    lines = export(*options)
    assert sum("event" in line for line in lines) == number
    code, said = check(lines)
    assert code == 0
    assert f"Intact: {number} event(s)" in said


def test_the_program_needs_nothing_of_the_house(export, key, tmp_path):
    export("--stream", A)
    command = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "export.jsonl"), "--key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "wastetrack." not in "".join(line for line in Path(SCRIPT).read_text().splitlines() if "import" in line)


def test_an_event_declared_wrong_is_exported_as_it_was_and_named_with_what_put_it_right(export, check, app, work_as):
    with work_as() as work:
        facts = {"wrong": 4, "reason": "演示错误", "replaced_by": 5, "wrong_hash": "0" * 64}
        service.append(work, A, "test.declared_wrong", facts)
    lines = export("--stream", A)
    assert event_at(lines, A, 4)["event"]["kind"] == "test.done"
    code, said = check(lines)
    assert code == 0
    assert f"note: stream {A}: event 4 is declared wrong by event 11, put right by event 5: 演示错误" in said
    full = app.test_cli_runner().invoke(args=["ledger", "verify", "--full"])
    assert "1 entries are declared wrong" in full.output


@pytest.mark.parametrize("options", [["--stream", A], [], DAY])
@pytest.mark.parametrize("field", ["facts", "kind", "occurred_at", "actor_id", "evidence"])
def test_a_changed_field_is_named(export, check, options, field):
    lines = export(*options)
    event_at(lines, A, 4)["event"][field] = "x"
    code, said = check(lines)
    assert code == 1
    assert f"stream {A}, event 4 (line" in said
    assert "changed after it was written" in said


@pytest.mark.parametrize("options", [["--stream", A], []])
def test_an_event_changed_together_with_its_hash_is_not_in_the_log(export, check, options):
    lines = export(*options)
    event = event_at(lines, A, 10)["event"]
    event["facts"] = "{}"
    event["hash"] = _hash(event)
    code, said = check(lines)
    assert code == 1
    assert "is not in the log at place" in said or "do not give the root that was signed" in said


def _hash(event):
    import hashlib

    fields = {name: value for name, value in event.items() if name != "hash"}
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("options", [["--stream", A], []])
def test_a_missing_event_is_named(export, check, options):
    lines = export(*options)
    lines.remove(event_at(lines, A, 4))
    code, said = check(lines)
    assert code == 1
    assert f"stream {A}, event 5" in said
    assert "event 4 of the stream is expected here (missing)" in said


def test_events_in_another_order_are_named(export, check):
    lines = export("--stream", A)
    at = lines.index(event_at(lines, A, 4))
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    assert "out of order" in check(lines)[1]


def test_a_file_that_breaks_off_is_named(export, check):
    lines = export("--stream", A)
    assert "breaks off" in check(lines[:-1])[1]
    assert "breaks off" in check(export()[:-3])[1]


def test_events_left_out_at_the_end_are_counted(export, check):
    lines = export("--stream", A)
    del lines[-2]
    assert "says that it has 10 events, and 9 are in it" in check(lines)[1]


def test_a_whole_log_shows_that_nothing_is_missing_at_the_end(export, check):
    lines = export()
    del lines[-2]
    lines[-1]["end"]["events"] -= 1
    assert "the head covers" in check(lines)[1]


def test_a_stream_left_out_is_named(export, check):
    lines = export("--stream", A, "--stream", B)
    kept = [line for line in lines if line.get("event", {}).get("stream") != B]
    kept[-1] = {"end": {"events": 10}}
    assert f"stream {B}: none of its events" in check(kept)[1]


@pytest.mark.parametrize("field", ["size", "root", "time", "log"])
def test_a_changed_head_is_named(export, check, field):
    lines = export("--stream", A)
    lines[0]["head"][field] = 5 if field == "size" else "ab" * 32
    code, said = check(lines)
    assert code == 2
    assert "is not signed by the key" in said


def test_a_path_to_another_place_is_named(export, check):
    lines = export("--stream", A)
    event_at(lines, A, 4)["position"] += 1
    assert f"stream {A}, event 4" in check(lines)[1]


def test_the_head_of_another_key_is_not_accepted(export, check, app, key):
    lines = export("--stream", A)
    from wastetrack.infra.signing import KeyRing

    key.write_text(KeyRing(key.parent / "others").make().public)
    code, said = check(lines)
    assert code == 2
    assert "which was not given" in said


def test_an_older_head_is_met_by_the_proof_in_the_export_and_another_history_is_not(
    store, sealer, export, check, tmp_path
):
    older = tmp_path / "head.json"
    older.write_text(json.dumps(service.as_json(all_heads(store)[0])))
    with writing(store) as session:
        service.append(Work(session, SYSTEM, NOON), A, "test.done", {})
    lines = export("--stream", A, "--head", older)
    assert check(lines, "--head", older)[0] == 0
    without = [line for line in lines if "consistency" not in line]
    code, said = check(without, "--head", older)
    assert code == 1
    assert "/ledger/consistency.json?old=33&new=34" in said
    with reader(store) as session:
        proof = tmp_path / "proof.json"
        proof.write_text(json.dumps(service.prove_growth(session, 33, 34)))
    assert check(without, "--head", older, "--consistency", proof)[0] == 0
    (key,) = sealer.keys.signers().values()
    from dataclasses import replace

    forged = replace(all_heads(store)[0].head, root=b"\0" * 32)
    signed = type(all_heads(store)[0])(forged, key.sign(forged.text().encode()))
    older.write_text(json.dumps(service.as_json(signed)))
    assert check(lines, "--head", older)[0] == 1


def test_the_proof_of_one_event_is_checked_the_same_way(store, check, key, tmp_path, monkeypatch, capsys):
    with reader(store) as session:
        proof = service.prove(session, A, 7).as_json()
    assert check([proof])[0] == 0
    proof["event"]["facts"] = "{}"
    assert f"stream {A}, event 7" in check([proof])[1]
    proof["head"] = None
    assert check([proof])[0] == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"format": "another"}', '{"format": 1}\n'])
def test_what_is_no_export_is_said_to_be_none(check, key, tmp_path, monkeypatch, capsys, text):
    path = tmp_path / "nonsense"
    path.write_text(text)
    monkeypatch.setattr(sys, "argv", ["verify_ledger", str(path), "--key", str(key)])
    assert _load().main() == 2
    assert "CANNOT BE CHECKED" in capsys.readouterr().err


def test_a_stream_or_manifest_that_is_not_there_is_said(app, tmp_path):
    runner = app.test_cli_runner()
    for option in (["--stream", "test:none"], ["--manifest", "20261300000001"]):
        done = runner.invoke(args=["ledger", "export", str(tmp_path / "x"), *option])
        assert done.exit_code == 1
        assert "there is no" in done.output
