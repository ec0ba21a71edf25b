"""The security policy on its page, for the security administrator."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wastetrack.domain.access import Act
from wastetrack.domain.problems import Refusal
from wastetrack.domain.security import PasswordRules, SecondFactorRule
from wastetrack.features.accounts import queries, service
from wastetrack.features.accounts.pages.blueprint import pages
from wastetrack.features.accounts.service import SetPolicy
from wastetrack.infra.i18n import _
from wastetrack.web.context import look
from wastetrack.web.forms import said, submit


@pages.shows("/policy", needs=Act.SET_POLICY)
def policy_page(refusal: Refusal | None = None) -> ResponseReturnValue:
    """Show the policy that holds and let another be chosen."""
    policy = queries.policy(look())
    return render_template(
        "accounts/policy.html",
        problems=said(refusal),
        policy=policy,
        values=request.form if refusal else policy,
        reason=request.form.get("reason", ""),
        password_rules=list(PasswordRules),
        factor_rules=list(SecondFactorRule),
    )


@pages.does("/policy", needs=Act.SET_POLICY)
def set_policy() -> ResponseReturnValue:
    """Choose another."""

    def done(_policy: object) -> ResponseReturnValue:
        flash(_("The security policy is set. It holds from everybody's next click."), "success")
        return redirect(url_for("accounts.policy_page"), 303)

    return submit(SetPolicy, service.set_policy, then=done, again=policy_page)
