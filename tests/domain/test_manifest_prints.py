"""What the check page says of a print, for every case there is."""

from itertools import product

import pytest

from wastetrack.domain.access import Relation
from wastetrack.domain.manifest_prints import Standing, readers, standing
from wastetrack.domain.manifests import State


@pytest.mark.parametrize(("state", "newest"), list(product(State, [True, False])))
def test_a_print_that_the_ledger_does_not_vouch_for_is_never_trusted(state, newest):
    assert standing(state, newest=newest, intact=False) is Standing.ALTERED


@pytest.mark.parametrize(("state", "newest"), list(product([State.VOID, State.DISCARDED], [True, False])))
def test_every_print_of_a_void_manifest_is_void(state, newest):
    assert standing(state, newest=newest, intact=True) is Standing.VOID


@pytest.mark.parametrize("state", [state for state in State if state not in {State.VOID, State.DISCARDED}])
def test_an_older_print_is_superseded(state):
    assert standing(state, newest=False, intact=True) is Standing.SUPERSEDED


def test_the_newest_print_of_a_draft_is_only_a_draft():
    assert standing(State.DRAFT, newest=True, intact=True) is Standing.DRAFT


@pytest.mark.parametrize("state", [state for state in State if state not in {State.VOID, State.DISCARDED, State.DRAFT}])
def test_the_newest_print_of_a_signed_manifest_is_current(state):
    assert standing(state, newest=True, intact=True) is Standing.CURRENT


@pytest.mark.parametrize("relation", Relation)
def test_a_print_of_a_draft_is_for_the_consignor_and_who_oversees_him(relation):
    assert bool(readers({relation}, draft=True)) is (relation in {Relation.CONSIGNOR, Relation.REGION})


@pytest.mark.parametrize("relation", Relation)
def test_a_signed_print_is_for_everybody_but_the_producer_of_some_boxes(relation):
    assert bool(readers({relation}, draft=False)) is (relation is not Relation.PRODUCER)
