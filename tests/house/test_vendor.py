"""What the browser gets comes from here, is what the manifest says, and names no other host."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = ("static/vendor", "tests/vendor")
ADDRESS = re.compile(
    rb"""(?:\b(?:https?|wss?|ftp):)?//[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b[^\s"'`<>)]*""", re.IGNORECASE
)
NAMESPACE = re.compile(rb"http://www\.w3\.org/\d{4}/[\w/-]+")
NOT_LOADED = {"LICENSE"}
"""Licence texts are read by people; no page loads them."""


def kept(folder: str) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = json.loads((ROOT / folder / "MANIFEST.json").read_text())
    return lines


def served_files() -> list[Path]:
    found = [path for folder in ("static", "templates") for path in (ROOT / folder).rglob("*") if path.is_file()]
    return [path for path in found if path.name not in NOT_LOADED]


def addresses_in(content: bytes) -> list[str]:
    return [found.group().decode() for found in ADDRESS.finditer(content) if not NAMESPACE.fullmatch(found.group())]


@pytest.mark.parametrize("folder", MANIFESTS)
def test_every_vendored_file_is_the_one_in_the_manifest(folder: str) -> None:
    on_disk = {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.name != "MANIFEST.json"
    }
    assert on_disk == {line["file"]: line["sha256"] for line in kept(folder)}


@pytest.mark.parametrize("folder", MANIFESTS)
def test_every_vendored_library_has_a_version_and_a_licence_beside_it(folder: str) -> None:
    lines = kept(folder)
    with_text = {line["name"] for line in lines if line["source"] == "LICENSE"}
    assert all(line["version"] and line["licence"] for line in lines)
    assert {line["name"] for line in lines} == with_text


def test_nothing_the_browser_gets_names_another_host() -> None:
    named = {str(path.relative_to(ROOT)): addresses_in(path.read_bytes()) for path in served_files()}
    assert {path: found for path, found in named.items() if found} == {}


def test_nothing_the_browser_gets_asks_for_a_source_map() -> None:
    assert [str(path) for path in served_files() if b"sourceMappingURL" in path.read_bytes()] == []


@pytest.mark.parametrize(
    "text",
    [
        b'<script src="https://cdn.example.com/a.js">',
        b"@import url(//fonts.example.com/css)",
        b"new WebSocket('wss://live.example.org/x')",
    ],
)
def test_an_address_of_another_host_would_be_found(text: bytes) -> None:
    assert addresses_in(text)


def test_an_xml_namespace_is_not_an_address() -> None:
    assert addresses_in(b'<svg xmlns="http://www.w3.org/2000/svg">') == []
