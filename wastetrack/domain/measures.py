"""Mass in integer grams: read once from what people and scales write, shown in kg or t, rounded once."""

from decimal import ROUND_HALF_EVEN, Decimal


class Grams(int):
    """A mass in whole grams. A type of its own, so that a sentence knows to show it as kg."""

    def __repr__(self) -> str:
        """Show the unit where a developer sees the number."""
        return f"{int(self)} g"


def kilograms(mass: int) -> str:
    """Return grams as kilograms with two decimals, rounded half-even, e.g. 3425 → '3.42'."""
    return str((Decimal(mass) / 1000).quantize(Decimal("0.01"), ROUND_HALF_EVEN))


def tonnes(mass: int) -> str:
    """Return grams as tonnes with three decimals, rounded half-even, e.g. 283400 → '0.283'."""
    return str((Decimal(mass) / 1_000_000).quantize(Decimal("0.001"), ROUND_HALF_EVEN))
