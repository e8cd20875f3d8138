"""Programs as JavaScript that needs nothing else: for the live page, and for Node.

JavaScript's numbers are IEEE doubles, and its operators give the bits Python's give. What it
lacks (erf, rounding halves to even, C's rules for pow) the text brings along.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from autograd_mini.primitive import Primitive
from autograd_mini.program.ir import Instruction, Operand, Program
from autograd_mini.program.text import identifiers

__all__ = ["literal", "source", "statements"]

# erf and erfc after fdlibm's s_erf.c (Sun Microsystems, 1993): rational approximations on four
# intervals, each within 1 ulp. fround splits x in a short high part, whose square is exact.
HELPERS = {
    "polynomial": """\
function polynomial(x, ...coefficients) {
  return coefficients.reduceRight((sum, each) => sum * x + each);
}""",
    "erfTail": """\
function erfTail(x) { // x * exp(x * x) * erfc(x), for x > 1.25, as erfc(x) itself
  const s = 1 / (x * x);
  const ratio = x < 1 / 0.35
    ? polynomial(s, -9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
        -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02,
        -8.12874355063065934246e+01, -9.81432934416914548592e+00)
      / polynomial(s, 1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
        6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02,
        6.57024977031928170135e+00, -6.04244152148580987438e-02)
    : polynomial(s, -9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
        -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03,
        -4.83519191608651397019e+02)
      / polynomial(s, 1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
        3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02,
        -2.24409524465858183362e+01);
  const z = Math.fround(x);
  return Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + ratio) / x;
}""",
    "erfNear": """\
function erfNear(x) { // erf(x) / x - 1, for |x| < 0.84375
  const z = x * x;
  return polynomial(z, 1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
      -5.77027029648944159157e-03, -2.37630166566501626084e-05)
    / polynomial(z, 1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
      1.32494738004321644526e-04, -3.96022827877536812320e-06);
}""",
    "erfMiddle": """\
function erfMiddle(x) { // erf(x) - 0.845..., for 0.84375 <= x < 1.25
  const s = x - 1;
  return polynomial(s, -2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
      3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02,
      -2.16637559486879084300e-03)
    / polynomial(s, 1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
      1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02);
}""",
    "erf": """\
function erf(x) {
  const size = Math.abs(x);
  if (size < 0.84375) return x + x * erfNear(x);
  if (!(size < 6)) return x !== x ? x : Math.sign(x);
  return Math.sign(x) * (size < 1.25 ? 8.45062911510467529297e-01 + erfMiddle(size) : 1 - erfTail(size));
}""",
    "erfc": """\
function erfc(x) {
  const size = Math.abs(x);
  if (size < 0.84375) return x < 0.25 ? 1 - (x + x * erfNear(x)) : 0.5 - (x * erfNear(x) + (x - 0.5));
  if (size < 1.25) {
    const sum = 8.45062911510467529297e-01 + erfMiddle(size);
    return x > 0 ? 1 - 8.45062911510467529297e-01 - erfMiddle(size) : 1 + sum;
  }
  if (!(size < 28)) return x !== x ? x : x > 0 ? 0 : 2;
  return x > 0 ? erfTail(size) : 2 - erfTail(size);
}""",
    "pow": """\
function pow(x, y) { // as C: 1 to any power is 1, and so is -1 to an infinite one
  return x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : Math.pow(x, y);
}""",
    "exp2": """\
function exp2(x) {
  return Math.pow(2, x);
}""",
    "rint": """\
function rint(x) { // halves to even: adding 2**52 leaves no room for a fraction
  if (!(Math.abs(x) < 4503599627370496)) return x;
  const negative = x < 0 || Object.is(x, -0);
  return negative ? -(4503599627370496 - x - 4503599627370496) : x + 4503599627370496 - 4503599627370496;
}""",
}
NEEDS = {
    "erf": ("polynomial", "erfNear", "erfMiddle", "erfTail"),
    "erfc": ("polynomial", "erfNear", "erfMiddle", "erfTail"),
}
WORDS = """
abstract arguments await boolean break byte case catch char class const continue debugger default delete do double else
enum eval export extends false final finally float for function goto if implements import in instanceof int interface
let long native new null package private protected public return short static super switch synchronized this throw
throws transient true try typeof undefined var void volatile while with yield Math Object Infinity NaN Number program
"""
RESERVED = {*HELPERS, *WORDS.split()}


def literal(number: float) -> str:
    """Return a float as JavaScript text: the shortest decimal that reads back as the same bits."""
    if number != number:
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "(-Infinity)"
    text = repr(number).removesuffix(".0")
    return f"({text})" if math.copysign(1.0, number) < 0 else text


def source(program: Program, name: str = "program") -> str:
    """Return JavaScript text that defines ``name(arguments…)``, for a program lowered to "javascript".

    Captured inputs are trailing parameters whose default is the number they hold now. One
    output is returned as it is, several as an array.
    """
    found = identifiers(program, RESERVED | {name})

    def text(operand: Operand) -> str:
        return literal(operand) if isinstance(operand, float) else found[operand]

    lines, helpers = statements(program, text)
    parameters = [found[x] for x in program.arguments]
    for x, value in zip(program.inputs[len(parameters) :], program.captured, strict=True):
        parameters.append(f"{found[x]} = {literal(value.data)}")
    outputs = [text(x) for x in program.outputs]
    result = outputs[0] if len(outputs) == 1 else f"[{', '.join(outputs)}]"
    head = f"function {name}({', '.join(parameters)}) {{"
    return "\n".join([*helpers, head, *(f"  {line}" for line in lines), f"  return {result};", "}", ""])


def statements(program: Program, text: Callable[[Operand], str]) -> tuple[list[str], list[str]]:
    """Return the instructions as lines, and the functions they call that JavaScript lacks.

    ``text`` writes an operand. For a program lowered to "javascript".
    """
    used: set[str] = set()
    lines = [
        f"const {text(step.results[0])} = {_expression(step, [text(x) for x in step.operands], used)};"
        for step in program.instructions
    ]
    wanted = {each for helper in used for each in (*NEEDS.get(helper, ()), helper)}
    return lines, [f"{body}\n" for helper, body in HELPERS.items() if helper in wanted]


def _expression(step: Instruction, operands: list[str], used: set[str]) -> str:
    row: Primitive = step.primitive
    spelling = row.spellings["javascript"]
    if "{" in spelling:
        return spelling.format(*operands)
    if spelling in HELPERS:
        used.add(spelling)
    return f"{spelling}({', '.join(operands)})"
