"""The tree of RFC 6962: the vectors of Certificate Transparency, and what holds for every tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wastetrack.domain.merkle import (
    EMPTY,
    GROUP,
    KEPT,
    Climb,
    consistency_spans,
    continues,
    fold,
    grown,
    inclusion_spans,
    kept_for,
    leaf_hash,
    node_hash,
    root_by_inclusion,
    span_hash,
)

ENTRIES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The entries and roots with which Certificate Transparency's own implementations are tested."""


def tree(entries):
    """Return the node function of a tree, made in the plainest way."""
    leaves = [leaf_hash(entry) for entry in entries]

    def node(level, index):
        assert (index + 1) << level <= len(leaves)
        return fold(leaves[index << level : (index + 1) << level])

    return node


def by_definition(entries):
    """Return the root as RFC 6962 §2.1 writes it."""
    if not entries:
        return EMPTY
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return node_hash(by_definition(entries[:k]), by_definition(entries[k:]))


def proof(spans, entries):
    return [span_hash(span, tree(entries)) for span in spans]


def test_the_empty_tree_is_the_hash_of_nothing():
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Climb().root() == span_hash((0, 0), tree([])) == EMPTY


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size):
    assert span_hash((0, size), tree(ENTRIES)).hex() == ROOTS[size - 1]


def test_inclusion_and_consistency_paths_are_those_of_certificate_transparency():
    assert [one.hex() for one in proof(inclusion_spans(0, 8), ENTRIES)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [one.hex() for one in proof(consistency_spans(1, 8), ENTRIES)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [one.hex() for one in proof(consistency_spans(6, 8), ENTRIES)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


sizes = st.integers(1, 90)


@st.composite
def trees(draw):
    return [bytes([number]) for number in range(draw(sizes))]


@given(trees())
def test_every_way_to_the_root_gives_the_root_of_the_definition(entries):
    climb = Climb()
    for entry in entries:
        climb.add(leaf_hash(entry))
    assert climb.root() == span_hash((0, len(entries)), tree(entries)) == by_definition(entries)


@given(trees(), st.data())
def test_every_entry_has_a_proof_and_no_other_entry_place_or_size_fits_it(entries, data):
    size = len(entries)
    index = data.draw(st.integers(0, size - 1))
    path, root = proof(inclusion_spans(index, size), entries), by_definition(entries)
    leaf = leaf_hash(entries[index])
    assert root_by_inclusion(leaf, index, size, path) == root
    assert len(path) <= (size - 1).bit_length()
    assert root_by_inclusion(leaf_hash(b"another"), index, size, path) != root
    for other in set(range(size)) - {index}:
        assert root_by_inclusion(leaf, other, size, path) != root
    for cut in range(len(path)):
        assert root_by_inclusion(leaf, index, size, path[:cut] + path[cut + 1 :]) != root
    assert root_by_inclusion(leaf, index, size, [*path, root]) is None


@given(trees(), st.data())
def test_every_earlier_tree_is_shown_to_be_the_beginning_and_no_other_root_is(entries, data):
    new = len(entries)
    old = data.draw(st.integers(1, new))
    path = proof(consistency_spans(old, new), entries)
    old_root, new_root = by_definition(entries[:old]), by_definition(entries)
    assert continues(old, old_root, new, new_root, path)
    forged = by_definition([*entries[: old - 1], b"forged"])
    assert not continues(old, forged, new, new_root, path)
    assert not continues(old, old_root, new, forged, path)
    assert not continues(old, old_root, new, new_root, [*path, new_root])
    if path:
        assert not continues(old, old_root, new, new_root, path[:-1])


@given(st.integers(0, 300), st.integers(0, 700))
def test_what_is_stored_in_two_portions_is_what_one_would_store_and_every_node_can_be_made_of_it(first, second):
    leaves = [leaf_hash(number.to_bytes(2, "big")) for number in range(first + second)]
    at_once = {(level, index): one for level, index, one in grown(0, [], leaves)}
    stored = {(level, index): one for level, index, one in grown(0, [], leaves[:first])}
    tails, count, level = [], first, 0
    while count:
        row = leaves if level == 0 else [stored[level, index] for index in range(count)]
        tails.append(row[count - count % GROUP : count])
        count, level = count // GROUP, level + KEPT
    stored |= {(level, index): one for level, index, one in grown(first, tails, leaves[first:])}
    assert stored == at_once
    node = tree([number.to_bytes(2, "big") for number in range(first + second)])
    for level in range((first + second).bit_length()):
        for index in ((first + second) >> level) - 1, 0:
            kept = [leaves[i] if k == 0 else stored[k, i] for k, i in kept_for((level, index))]
            assert fold(kept) == node(level, index)


def test_nodes_that_do_not_fit_the_size_are_refused():
    with pytest.raises(ValueError, match="belong"):
        list(grown(5, [[EMPTY] * 4], [EMPTY]))
    with pytest.raises(ValueError, match="no entry"):
        inclusion_spans(3, 3)
    with pytest.raises(ValueError, match="does not continue"):
        consistency_spans(4, 3)
