"""An account that came by import opens to nobody before it is given a one-time password."""

import pytest

from tests.conftest import WorkAs
from tests.parties import SECURITY_ADMIN
from wastetrack.domain.access import Role
from wastetrack.features.accounts import service
from wastetrack.features.accounts.service import CreateAccount, ResetPassword

COMMAND = CreateAccount(
    username="imported", name="演示", roles=frozenset({Role.REGULATOR}), region_code="130102", act_key="row 2"
)


@pytest.mark.parametrize("typed", ["", "nobody has this password", "imported"])
def test_no_password_fits_an_account_that_has_none(work_as: WorkAs, typed: str) -> None:
    with work_as(SECURITY_ADMIN) as work:
        service.create_without_password(work, COMMAND)
        assert service.proven(work.session, "imported", typed) is None


def test_a_reset_opens_it(work_as: WorkAs) -> None:
    with work_as(SECURITY_ADMIN) as work:
        user = service.create_without_password(work, COMMAND)
        _user, password = service.reset_password(work, ResetPassword(user_id=user.id))
        assert password is not None
        assert service.proven(work.session, "imported", password) is not None


def test_the_same_act_makes_one_account(work_as: WorkAs) -> None:
    with work_as(SECURITY_ADMIN) as work:
        assert service.create_without_password(work, COMMAND) is service.create_without_password(work, COMMAND)
