"""Random small programs with state, and one thing that changes between two calls.

``World(seed)`` writes a module: state of some kinds, and ``f(x)`` that reads it. ``change()``
changes one thing of it, ``f`` is the plain function whose answer a compiled one must give.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

__all__ = ["World"]

KINDS: dict[str, tuple[str, str, str]] = {
    "global": ("K{i} = {v}", "K{i}", "K{i} = {w}"),
    "int": ("N{i} = {n}", "N{i}", "N{i} = {m}"),
    "repeated": ("R{i} = {n}", "sum(x * 0.5 for _ in range(R{i}))", "R{i} = {m}"),
    "flag": ("F{i} = True", "(x if F{i} else {v})", "F{i} = not F{i}"),
    "text": ("S{i} = 'a'", "(x if S{i} == 'a' else {v})", "S{i} = 'b' if S{i} == 'a' else 'a'"),
    "helper": ("H{i} = {v}\ndef h{i}(x): return x * H{i}", "h{i}(x)", "H{i} = {w}"),
    "helper replaced": ("def r{i}(x): return x * {v}", "r{i}(x)", "r{i} = lambda x: x * {w}"),
    "code": ("def o{i}(x): return x * {v}", "o{i}(x)", "o{i}.__code__ = (lambda x: x * {w}).__code__"),
    "default": ("def g{i}(x, k={v}): return x * k", "g{i}(x)", "g{i}.__defaults__ = ({w},)"),
    "keyword": ("def q{i}(x, *, k={v}): return x * k", "q{i}(x)", "q{i}.__kwdefaults__['k'] = {w}"),
    "partial": ("p{i} = partial(lambda x, k: x * k, k={v})", "p{i}(x)", "p{i}.keywords['k'] = {w}"),
    "closure": (
        "def make{i}():\n  c = {v}\n  def h(x): return x * c\n  def put(v):\n    nonlocal c\n    c = v\n"
        "  return h, put\n"
        "c{i}, put{i} = make{i}()",
        "c{i}(x)",
        "put{i}({w})",
    ),
    "attribute": ("class A{i}: pass\na{i} = A{i}(); a{i}.k = {v}", "a{i}.k", "a{i}.k = {w}"),
    "object replaced": ("class B{i}: pass\nb{i} = B{i}(); b{i}.k = {v}", "b{i}.k", "b{i} = B{i}(); b{i}.k = {w}"),
    "class attribute": ("class C{i}: k = {v}\nd{i} = C{i}()", "d{i}.k", "C{i}.k = {w}"),
    "shadowed": ("class D{i}: k = {v}\ne{i} = D{i}()", "e{i}.k", "e{i}.k = {w}"),
    "inherited": ("class E{i}: k = {v}\nclass F_{i}(E{i}): pass\nf_{i} = F_{i}()", "f_{i}.k", "F_{i}.k = {w}"),
    "slots": ("class G{i}:\n  __slots__ = ('k',)\ns{i} = G{i}(); s{i}.k = {v}", "s{i}.k", "s{i}.k = {w}"),
    "property": (
        "class P{i}:\n  _k = {v}\n  @property\n  def k(self): return self._k * 2\nu{i} = P{i}()",
        "u{i}.k",
        "u{i}._k = {w}",
    ),
    "method": (
        "M{i} = {v}\nclass Q{i}:\n  def at(self, x): return x * M{i}\nm{i} = Q{i}()",
        "m{i}.at(x)",
        "M{i} = {w}",
    ),
    "method replaced": (
        "class T{i}:\n  def at(self, x): return x * {v}\nt_{i} = T{i}()",
        "t_{i}.at(x)",
        "T{i}.at = lambda self, x: x * {w}",
    ),
    "class method": (
        "class U{i}:\n  k = {v}\n  @classmethod\n  def at(cls, x): return x * cls.k",
        "U{i}.at(x)",
        "U{i}.k = {w}",
    ),
    "by name": ("class V{i}: pass\nv{i} = V{i}(); v{i}.k = {v}", "getattr(v{i}, 'k')", "v{i}.k = {w}"),
    "namespace": ("n{i} = SimpleNamespace(k={v})", "n{i}.k", "n{i}.k = {w}"),
    "list": ("t{i} = [1.0, {v}]", "t{i}[1]", "t{i}[1] = {w}"),
    "long list": ("l{i} = [{v}] * 40", "l{i}[3]", "l{i}[3] = {w}"),
    "growing": ("w{i} = [{v}]", "sum(w{i})", "w{i}.append({w})"),
    "dict": ("d_{i} = {{'k': {v}, 'z': 1.0}}", "d_{i}['k']", "d_{i}['k'] = {w}"),
    "key order": ("k_{i} = {{'a': {v}, 'b': 1.0}}", "[*k_{i}.values()][0]", "k_{i}['a'] = k_{i}.pop('a')"),
    "set": ("z{i} = {{{v}}}", "float(len(z{i}))", "z{i}.add({w})"),
    "deque": ("q_{i} = deque([{v}, {w}])", "q_{i}[0]", "q_{i}.rotate(1)"),
    "tuple of lists": ("y{i} = ([{v}],)", "y{i}[0][0]", "y{i}[0][0] = {w}"),
    "array": ("ar{i} = np.array([{v}, 1.0])", "float(ar{i}[0])", "ar{i}[0] = {w}"),
    "nested": ("g_{i} = {{'a': [SimpleNamespace(b={v})]}}", "g_{i}['a'][0].b", "g_{i}['a'][0].b = {w}"),
    "Value": ("x{i} = Value({v})", "x{i}", "x{i}.data = {w}"),
    "Value replaced": ("j{i} = Value({v})", "j{i}", "j{i} = Value({w})"),
    "weights": ("ws{i} = [Value({v}) for _ in range(12)]", "ws{i}[3]", "ws{i}[3] = Value({w})"),
    "builtin": ("", "max(x, {v})", "max = lambda a, b: a * {w}"),
    "function attribute": ("def fa{i}(): pass\nfa{i}.k = {v}", "fa{i}.k", "fa{i}.k = {w}"),
    "metaclass": ("class MA{i}(type): k = {v}\nclass MB{i}(metaclass=MA{i}): pass", "MB{i}.k", "MA{i}.k = {w}"),
    "weak reference": (
        "class WA{i}: pass\nwa{i} = WA{i}(); wa{i}.k = {v}\nwr{i} = weakref.ref(wa{i})",
        "wr{i}().k",
        "wa{i}.k = {w}",
    ),
    "view": ("vd{i} = {{'k': {v}}}\nvv{i} = vd{i}.values()", "sum(vv{i})", "vd{i}['k'] = {w}"),
    "bound": ("bd{i} = {{'k': {v}}}\nbg{i} = bd{i}.get", "bg{i}('k')", "bd{i}['k'] = {w}"),
    "cache": (
        "CK{i} = {v}\n@cache\ndef ca{i}(): return CK{i}\nca{i}()",
        "ca{i}()",
        "CK{i} = {w}; ca{i}.cache_clear()",
    ),
    "unbound name": (
        "def un{i}(x):\n  try: return x * UN{i}\n  except NameError: return x * {v}",
        "un{i}(x)",
        "UN{i} = {w}",
    ),
    "unbound attribute": (
        "class AA{i}: pass\naa{i} = AA{i}()\ndef ab{i}(x):\n  try: return x * aa{i}.k\n"
        "  except AttributeError: return x * {v}",
        "ab{i}(x)",
        "AA{i}.k = {w}",
    ),
    "shadowed __getattr__": (
        "class GA{i}:\n  def __getattr__(self, name): return {v}\nga{i} = GA{i}()",
        "ga{i}.k",
        "ga{i}.k = {w}",
    ),
    "default factory": (
        "df{i} = defaultdict(lambda: {v})\ndef dg{i}(x): return x * df{i}.default_factory()",
        "dg{i}(x)",
        "df{i}.default_factory = lambda: {w}",
    ),
    "attrgetter": (
        "class AG{i}: pass\nag{i} = AG{i}(); ag{i}.k = {v}\nah{i} = attrgetter('k')",
        "ah{i}(ag{i})",
        "ag{i}.k = {w}",
    ),
    "match": (
        "class MT{i}: pass\nmt{i} = MT{i}(); mt{i}.k = {v}\ndef mu{i}():\n  match mt{i}:\n"
        "    case MT{i}(k=k): return k",
        "mu{i}()",
        "mt{i}.k = {w}",
    ),
    "attrgetter inside": (
        "class AI{i}: pass\nai{i} = AI{i}(); ai{i}.k = {v}",
        "attrgetter('k')(ai{i})",
        "ai{i}.k = {w}",
    ),
    "mapped getattr": (
        "class GM{i}: pass\ngm{i} = GM{i}(); gm{i}.k = {v}",
        "[*map(getattr, [gm{i}], ['k'])][0]",
        "gm{i}.k = {w}",
    ),
    "format string": (
        "class FS{i}: pass\nfs{i} = FS{i}(); fs{i}.k = {v}",
        "float('{{0.k}}'.format(fs{i}))",
        "fs{i}.k = {w}",
    ),
    "exception": ("ex{i} = ValueError({v})", "ex{i}.args[0]", "ex{i}.args = ({w},)"),
    "label": ("lb{i} = Value(1.0, label='a')", "float(len(lb{i}.label))", "lb{i}.label += 'b'"),
    "module replaced": (
        "mo{i} = ModuleType('world_{i}'); mo{i}.k = {v}; sys.modules['world_{i}'] = mo{i}\n"
        "def mf{i}():\n  import world_{i}\n  return world_{i}.k",
        "mf{i}()",
        "mo{i} = ModuleType('world_{i}'); mo{i}.k = {w}; sys.modules['world_{i}'] = mo{i}",
    ),
    "equal of another type": (
        "et{i} = [1.0] * 30",
        "(x if type(et{i}[3]) is float else {v})",
        "et{i}[3] = True if type(et{i}[3]) is float else 1.0",
    ),
    "sign of zero": ("zs{i} = [0.0] * 40", "(x if str(zs{i}[5])[0] == '-' else {v})", "zs{i}[5] = -zs{i}[5]"),
    "number of one's own": (
        "class ON{i}(float): pass\non{i} = ON{i}(1.0); on{i}.k = {v}",
        "on{i}.k",
        "on{i}.k = {w}",
    ),
    "long dict": ("ld{i} = dict.fromkeys(range(50), {v})", "ld{i}[7]", "ld{i}[7] = {w}"),
    "buffer": ("bb{i} = bytearray([{n}])\nbm{i} = memoryview(bb{i})", "float(bm{i}[0])", "bb{i}[0] = {m}"),
}
DRAWS = ("random.random()", "np.random.rand()", "GENERATOR.random()", "time.time()")
HEAD = (
    "import random, sys, time, weakref\nfrom collections import defaultdict, deque\n"
    "from functools import cache, partial\n"
    "from operator import attrgetter\n"
    "from types import ModuleType, SimpleNamespace\nimport numpy as np\n"
    "from autograd_mini import Value, maximum, sin, tanh, where\nGENERATOR = np.random.default_rng(0)\n"
)


class World:
    """A random program.

    ``text``   what defines ``f``
    ``draws``  True where it asks for a random number or the time, which a compiled function must refuse
    """

    def __init__(self, seed: int) -> None:
        self.chance = chance = random.Random(seed)
        self.kinds = [chance.choice([*KINDS]) for _ in range(chance.randint(1, 4))]
        self.draws = chance.random() < 0.05
        terms, lines = [], [HEAD]
        for i, kind in enumerate(self.kinds):
            declared, term, _ = KINDS[kind]
            lines.append(self._filled(declared, i))
            terms.append(self._filled(term, i))
        if self.draws:
            terms.append(f"(0.0 * ({chance.choice(DRAWS)} > -1.0))")
        expression = "x"
        for term in terms:
            expression = chance.choice(
                ["{a} * {b}", "{a} + {b}", "tanh({a}) - {b}", "where(x > 0.5, {a}, {b} * x)", "maximum({a}, {b})",
                 "sin({a} * 0.1) + {b} * x"]
            ).format(a=expression, b=term)  # fmt: skip
        body = f"  return {expression}"
        if chance.random() < 0.3:
            body = f"  if x > {chance.choice([0.0, 1.0])}:\n    x = x * {chance.choice(terms)}\n{body}"
        lines.append(f"def f(x):\n{body}")
        self.text = "\n".join(lines)
        self.space: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(self.text, f"<world {seed}>", "exec"), self.space)

    @property
    def f(self) -> Callable[[Any], Any]:
        """The function as it is now."""
        function: Callable[[Any], Any] = self.space["f"]
        return function

    def change(self) -> str:
        """Change one thing, and say how."""
        i = self.chance.randrange(len(self.kinds))
        text = self._filled(KINDS[self.kinds[i]][2], i)
        exec(text, self.space)
        return text

    def _filled(self, text: str, i: int) -> str:
        number = lambda: round(self.chance.uniform(-2.0, 2.0), 3)  # noqa: E731
        return text.format(i=i, v=number(), w=number(), n=self.chance.randint(0, 5), m=self.chance.randint(0, 5))
