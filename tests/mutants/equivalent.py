"""Mutants that compute the same, and why: no test can tell them from the table."""

__all__ = ["EQUIVALENT"]

EXACT_SCALE = "a power of two that is multiplied in and out again: exact, where it is not needed too"
EITHER = "at this size both ways of computing are right"
SAME_THERE = "both branches give the same at this point"
NAN = "nan either way"

EQUIVALENT: dict[str, str] = {
    "_split: 134217729.0 → 268435458.0": "parts of 25 and 28 bits: their products are exact too where they are used",
    "_falling_bell: 40.0 → 80.0": "exp(−k·40²) is 0 for k ≥ ½, as it is for all that lies beyond",
    "_bell_slope: 40.0 → 80.0": "the bell is 0 there, and so is its slope",
    "_bell_bend: 40.0 → 80.0": "the bell is 0 there, and so are its derivatives",
    "_half_integral: 40.0 → 80.0": "Φ(−40) is 0 and Φ(40) is 1, as they are beyond",
    # nan, zeros and points where two branches meet
    "_flat: nan * x → nan": NAN,
    "_flat: nan * x → x": NAN,
    "_defined: nan * out → nan": NAN,
    "_defined: nan * out → out": NAN,
    "step: value: 0.0 → 1.0 (3)": "x > 0 was answered before: what is left below 1 is not positive",
    "step: rule: 0.0 → 1.0 (3)": "x > 0 was answered before: what is left below 1 is not positive",
    "trunc: rule: x < 0.0 → x <= 0.0": SAME_THERE,
    "_logistic: x >= 0.0 → x > 0.0": SAME_THERE,
    "_mod: y < 0.0 → y <= 0.0": "for y = 0 the remainder is nan, and so is the result",
    "_mod: y > 0.0 → y >= 0.0": "for y = 0 the remainder is nan, and so is the result",
    "_mod: rest > 0.0 → rest >= 0.0": "a remainder of 0 is answered by the last line",
    "_mod: rest < 0.0 → rest <= 0.0": "a remainder of 0 is answered by the last line",
    "_floordiv: y < 0.0 → y <= 0.0": "y = 0 is answered by the last line",
    "_floordiv: x / y → y / x (2)": "x/y and y/x have the same sign",
    "_floordiv: quotient - below > 0.5 → quotient - below >= 0.5": "the quotient is a whole number but for rounding",
    **{
        f"_round_to: d >= 0 → d > 0{which}": "for d = 0 the factor is 1, and multiplying or dividing by it is exact"
        for which in ("", " (2)", " (3)", " (4)", " (5)")
    },
    # thresholds between two formulas
    "log10: partials: x > 1e+300 → x >= 1e+300": EITHER,
    "log10: partials: 1e+300 → 2e+300": EITHER,
    "_power_times: size < 1e-290 → size <= 1e-290": EITHER,
    "_power_times: size > 1e+290 → size >= 1e+290": EITHER,
    "_power_times: 1e-290 → 2e-290": EITHER,
    "_power_times: 1e+290 → 2e+290": EITHER,
    "_power_slope: magnitude(c) <= 16.0 → magnitude(c) < 16.0": EITHER,
    "_power_slope: 16.0 → 32.0": EITHER,
    "_scaled: size < 1e-290 → size <= 1e-290": EXACT_SCALE,
    "_scaled: size > 1e+290 → size >= 1e+290": EXACT_SCALE,
    "_scaled: 1e-290 → 2e-290": EXACT_SCALE,
    "_scaled: 1e+290 → 2e+290": EXACT_SCALE,
    "_guard: 1e-200 → 2e-200": EXACT_SCALE,
    "_guard: root < 1e-100 → root <= 1e-100": EXACT_SCALE,
    "_guard: 1e-100 → 2e-100": EXACT_SCALE,
    "_lgamma: y < 1.5 → y <= 1.5": "both fits hold on 1.5",
    "_lgamma: size < STIRLING → size <= STIRLING": EITHER,
    "_lgamma: x < -0.5 → x <= -0.5": EITHER,
    "_digamma: u < STIRLING → u <= STIRLING": EITHER,
    "_falling: a > 700.0 → a >= 700.0": EITHER,
    "logit: rule: magnitude(p - 0.5) < 0.25 → magnitude(p - 0.5) <= 0.25": EITHER,
    "logit: rule: p - 0.5 → 0.5 - p": "under |·|",
    "_gelu: x < -30.0 → x <= -30.0": EITHER,
    "_silu: x >= 0.0 → x > 0.0": SAME_THERE,
    "_silu: 900.0 → 1800.0": "e^−900 is 0, as for all that lies beyond",
    "_silu_slope: 900.0 → 1800.0": "e^−900 is 0, as for all that lies beyond",
    "_silu_bend: 900.0 → 1800.0": "e^−900 is 0, as for all that lies beyond",
    "_silu_slope: x >= 0.0 → x > 0.0": SAME_THERE,
    # infinities
    "_powlog: log(x) → log2(x)": "infinite at the same points",
    "_powlog: log(x) → log2(x) (2)": "infinite at the same points",
    "powlog: partials: log(x) → log2(x)": "infinite at the same points",
    "_mixed: log(x) → log2(x) (2)": "infinite at the same points",
    "_powlog: pow(x, y) * log(x) → log(x)": "at 0 and ∞ the product is as infinite as the logarithm",
    "_powlog: magnitude(x) + magnitude(y) → magnitude(x) - magnitude(y)": "x is 0 or ∞ there: 0 only where y is 0",
    "_at_infinity: 0.0 * direction(x, y) → 0.0": "the other factor is nan at the same points, and finite elsewhere",
    "_at_infinity: 0.0 * direction(x, y) * direction(y, x) → 0.0 * direction(x, y)": "nan at the same points, else 0",
    "_at_infinity: 0.0 * direction(x, y) → direction(x, y)": "one of the two directions is 0, where neither is nan",
    "_at_infinity: 0.0 → 1.0": "one of the two directions is 0, where neither is nan",
    "_at_infinity: direction(y, x) → direction(x, y)": "times 0, and nan at the same points",
    "_at_infinity: direction(x, y) → direction(y, x)": "times 0, and nan at the same points",
}
