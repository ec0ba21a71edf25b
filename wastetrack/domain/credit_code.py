"""Unified social credit code 统一社会信用代码 (GB 32100-2015): the name of an organisation in every record.

18 characters: registration department (1), kind of body (1), region of the registrar (6 digits),
organisation code of GB 11714 (8 and its check digit), check character over the 17 before it.
"""

from typing import NewType

from wastetrack.domain.problems import Problem, Refusal
from wastetrack.domain.typed_text import compact
from wastetrack.domain.words import N_, Several, Term

CreditCode = NewType("CreditCode", str)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100: digits and capitals without I, O, S, V, Z."""

LENGTH = 18
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


class Registrar(Term):
    """The department that registered the body: the first character of the code.

    1, 5, 9 and Y mean the same in the standard of 2015 and in its amendment of 2016 and are sure. The others
    are given as the amendment has them (seen in third-party copies only): good for a hint, not for a rule.
    """

    ESTABLISHMENT = "1", N_("establishment office (authorities and public institutions)")
    FOREIGN_AFFAIRS = "2", N_("foreign affairs")
    JUSTICE = "3", N_("judicial administration")
    CULTURE = "4", N_("culture")
    CIVIL_AFFAIRS = "5", N_("civil affairs")
    TOURISM = "6", N_("tourism")
    RELIGION = "7", N_("religious affairs")
    TRADE_UNION = "8", N_("trade union")
    MARKET = "9", N_("market regulation (enterprises and individual businesses)")
    MILITARY = "A", N_("Central Military Commission")
    AGRICULTURE = "N", N_("agriculture (collective economic organisations)")
    OTHER = "Y", N_("other registrar")


def check_character(first17: str) -> str:
    """Return the 18th character for the 17 before it (GB 32100: weights 3^i, modulus 31)."""
    if len(first17) != LENGTH - 1:
        raise ValueError("the check character is computed over 17 characters")
    total = sum(_VALUE[character] * weight for character, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first8: str) -> str:
    """Return the ninth character of an organisation code (GB 11714: modulus 11, ten written as X)."""
    total = sum(int(character, 36) * weight for character, weight in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def registrar_of(code: CreditCode) -> Registrar | None:
    """Return who registered the body, or None when the first character is not in the table."""
    return next((registrar for registrar in Registrar if registrar.value == code[0]), None)


def parse_credit_code(text: str, field: str = "credit_code") -> CreditCode:
    """Read a credit code as people paste it; refuse one that cannot be right, saying what is wrong with it."""
    code = compact(text)
    problems = _problems(code, field)
    if problems:
        raise Refusal(problems)
    return CreditCode(code)


def credit_code_doubts(code: CreditCode, field: str = "credit_code") -> list[Problem]:
    """Return what looks odd in a well-formed code: worth a second look, never a reason to refuse.

    The check digit inside the organisation code belongs here. The outer check character already finds every
    single wrong character and every swap of neighbours; what is left would be a code that its registrar issued
    with another inner digit, and an organisation must not be locked out for that.
    """
    doubts = []
    if organisation_check(code[8:16]) != code[16]:
        doubts.append(
            Problem(
                "credit_code.organisation_check",
                N_("The organisation code inside {typed} has an unusual check digit. Compare it with the licence."),
                {"typed": code},
                field,
                basis="GB 11714",
            )
        )
    if registrar_of(code) is None:
        doubts.append(
            Problem(
                "credit_code.registrar",
                N_("The first character {character} names no known registrar. Compare the code with the licence."),
                {"character": code[0]},
                field,
                basis="GB 32100-2015",
            )
        )
    return doubts


def _problems(code: str, field: str) -> list[Problem]:
    """Return everything wrong with a compacted code; the check character is judged only when the rest is right."""
    if not code:
        return [Problem("credit_code.missing", N_("Enter the unified social credit code."), field=field)]
    found = [*_wrong_length(code, field), *_wrong_characters(code, field)]
    if not found:
        found = _wrong_region(code, field)
    if not found and check_character(code[:-1]) != code[-1]:
        found = [
            Problem(
                "credit_code.check",
                N_(
                    "The check character of {typed} does not match: one character is wrong or two are swapped. "
                    "Compare it with the licence."
                ),
                {"typed": code},
                field,
                basis="GB 32100-2015",
            )
        ]
    return found


def _wrong_length(code: str, field: str) -> list[Problem]:
    if len(code) == LENGTH:
        return []
    sentence = N_("A unified social credit code has 18 characters; this one has {count}. Copy it whole.")
    return [Problem("credit_code.length", sentence, {"count": len(code)}, field, basis="GB 32100-2015")]


def _wrong_characters(code: str, field: str) -> list[Problem]:
    wrong = [(place, character) for place, character in enumerate(code[:LENGTH], 1) if character not in _VALUE]
    if not wrong:
        return []
    facts = {
        "characters": Several(tuple(character for _, character in wrong)),
        "positions": Several(tuple(str(place) for place, _ in wrong)),
    }
    sentence = N_(
        "{characters} at position {positions} cannot stand in a credit code. It has digits and capital letters, "
        "but never I, O, S, V or Z: perhaps 1, 0, 5, U or 2 is meant."
    )
    return [Problem("credit_code.character", sentence, facts, field, basis="GB 32100-2015")]


def _wrong_region(code: str, field: str) -> list[Problem]:
    if code[2:8].isdigit():
        return []
    sentence = N_("Characters 3 to 8 of a credit code are the region and always digits; here they are {region}.")
    return [Problem("credit_code.region", sentence, {"region": code[2:8]}, field, basis="GB 32100-2015")]
