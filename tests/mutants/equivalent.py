"""Mutants that compute the same, and why: no test can tell them from the table."""

__all__ = ["EQUIVALENT"]

EQUIVALENT: dict[str, str] = {
    "_split: 134217729.0 → 268435458.0": "parts of 25 and 28 bits: their products are exact too where they are used",
    "_falling_bell: 40.0 → 80.0": "exp(−k·40²) is 0 for k ≥ ½, as it is for all that lies beyond",
    "_bell_slope: 40.0 → 80.0": "the bell is 0 there, and so is its slope",
    "_bell_bend: 40.0 → 80.0": "the bell is 0 there, and so are its derivatives",
    "_half_integral: 40.0 → 80.0": "Φ(−40) is 0 and Φ(40) is 1, as they are beyond",
}
