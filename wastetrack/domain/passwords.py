"""What a new password must be, under either school; all that is wrong is said at once."""

import re
from collections.abc import Collection

from wastetrack.domain.problems import Problem
from wastetrack.domain.security import PasswordRules, Policy
from wastetrack.domain.typed_text import narrow
from wastetrack.domain.words import N_

LEAST_LENGTH = 10
"""For passwords that must be complex; the other school's least length is set in the policy."""
MOST_LENGTH = 128
_CLASSES = (str.islower, str.isupper, str.isdigit)
_CLASSES_NEEDED = 3

_LEET = str.maketrans("0134578@$!", "oleastbasi")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_KEYS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
_PIECE = 4


def least_length(policy: Policy) -> int:
    """Return how many characters a password needs at least."""
    return policy.least_length if policy.passwords is PasswordRules.MODERN else LEAST_LENGTH


def password_problems(
    password: str,
    username: str,
    field: str = "new_password",
    *,
    policy: Policy | None = None,
    common: Collection[str] = frozenset(),
) -> list[Problem]:
    """Return what is wrong with a new password; all of it at once. `common` are the words that everybody uses."""
    policy = policy or Policy()
    problems = []
    if len(password) < least_length(policy):
        sentence = N_("The password is too short. Use at least {least} characters.")
        problems.append(Problem("password.short", sentence, {"least": least_length(policy)}, field))
    if len(password) > MOST_LENGTH:
        sentence = N_("The password is too long. Use at most {most} characters.")
        problems.append(Problem("password.long", sentence, {"most": MOST_LENGTH}, field))
    if username and username in password.lower():
        sentence = N_("The password must not contain the username.")
        problems.append(Problem("password.username", sentence, field=field))
    if policy.passwords is PasswordRules.CLASSIFIED and _classes_in(password) < _CLASSES_NEEDED:
        sentence = N_("Use three of these four: small letters, capital letters, digits, other characters.")
        problems.append(Problem("password.classes", sentence, field=field, basis="GB/T 22239-2019 8.1.4.1"))
    if policy.passwords is PasswordRules.MODERN and is_common(password, common):
        sentence = N_("Many people use this password or one like it, so it is guessed first. Choose another.")
        problems.append(Problem("password.common", sentence, field=field, basis="NIST SP 800-63B 5.1.1.2"))
    return problems


def is_common(password: str, common: Collection[str]) -> bool:
    """Tell whether a password is a common word in disguise, a row of the keyboard, or the same few signs repeated.

    The disguises are those that guessing programs undo first: capitals, digits for letters, digits and signs around.
    """
    plain = narrow(password).lower()
    undone = plain.translate(_LEET)
    forms = {plain, undone, _AROUND.sub("", plain), _AROUND.sub("", undone), _AROUND.sub("", plain).translate(_LEET)}
    words = {form for form in forms if form}
    if not words or words & set(common) or any(_joined(form, common) for form in words):
        return True
    return _repeats(plain) or _walks(plain)


def _joined(text: str, common: Collection[str]) -> bool:
    """Tell whether the text is common words, or runs of digits and signs, one behind another and nothing else."""
    reached = {0}
    for end in range(1, len(text) + 1):
        for start in range(end):
            piece = text[start:end]
            if start in reached and (piece in common or not any(sign.isalpha() for sign in piece)):
                reached.add(end)
                break
    return len(text) in reached and any(sign.isalpha() for sign in text)


def _repeats(text: str) -> bool:
    return len(set(text)) < _PIECE or any(text == (text[:n] * len(text))[: len(text)] for n in range(1, _PIECE + 1))


def _walks(text: str) -> bool:
    """Tell whether the text is made of stretches of the keyboard or alphabet, forwards or backwards."""
    rows = [*_KEYS, *(row[::-1] for row in _KEYS)]
    rest = text
    while rest:
        longest = max(
            (n for n in range(_PIECE, len(rest) + 1) if any(rest[:n] in row for row in rows)),
            default=0,
        )
        if not longest:
            return len(rest) < _PIECE and len(rest) < len(text)
        rest = rest[longest:]
    return True


def _classes_in(password: str) -> int:
    found = sum(any(belongs(character) for character in password) for belongs in _CLASSES)
    other = any(not any(belongs(character) for belongs in _CLASSES) for character in password)
    return found + other
