"""What a compiled function rests on: each small program, and how the world changes between two calls.

A case is a program and a change: source text that defines ``f(x)`` and ``change()``. It runs
through jit (numbers, columns, whole arrays), Batch and Trainer; the expected number is always
the function's own, now.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_mini import Value, jit, optim, parameter
from autograd_mini.program.batch import Batch
from autograd_mini.training import Trainer

# ruff: noqa: E501  (a case is one line)

CASES: dict[str, tuple[str, str]] = {}
"""name → (text that defines f, statements that change the world)."""


def case(name: str, text: str, change: str) -> None:
    CASES[name] = text, change


# ---------------------------------------------------------------- names

case("global number", "K = 2.0\ndef f(x): return x * K", "K = 5.0")
case("global of another type", "K = 2.0\ndef f(x): return x * K", "K = True")
case("global int that grows", "N = 2\ndef f(x):\n  for i in range(N): x = x * 1.5\n  return x", "N = 4")
case("sign of zero", "Z = 0.0\ndef f(x): return x / (x * x + 1.0) + atan2(Z, -1.0)", "Z = -0.0")
case("global string", "MODE = 'a'\ndef f(x): return x * 2 if MODE == 'a' else x * 3", "MODE = 'b'")
case("global None", "K = None\ndef f(x): return x if K is None else x * K", "K = 3.0")
case(
    "global deleted uncovers a builtin",
    "def abs(x): return x * 7\ndef f(x): return abs(x - 9.0)",
    "del globals()['abs']",
)
case("a builtin shadowed", "def f(x): return max(x, 1.5)", "max = lambda a, b: a * b")
case("a helper's global", "K = 2.0\ndef h(x): return x * K\ndef f(x): return h(x) + 1", "K = 4.0")
case("a helper replaced", "def h(x): return x * 2\ndef f(x): return h(x)", "h = lambda x: x * 3")
case("a helper's code", "def h(x): return x * 2\ndef f(x): return h(x)", "h.__code__ = (lambda x: x * 3).__code__")
case("its own code", "def f(x): return x * 2", "f.__code__ = (lambda x: x * 3).__code__")
case("defaults", "def h(x, k=2.0): return x * k\ndef f(x): return h(x)", "h.__defaults__ = (3.0,)")
case("keyword defaults", "def h(x, *, k=2.0): return x * k\ndef f(x): return h(x)", "h.__kwdefaults__ = {'k': 3.0}")
case(
    "keyword defaults in place",
    "def h(x, *, k=2.0): return x * k\ndef f(x): return h(x)",
    "h.__kwdefaults__['k'] = 3.0",
)
case("a mutable default", "def h(x, k=[2.0]): return x * k[0]\ndef f(x): return h(x)", "h.__defaults__[0][0] = 3.0")
case(
    "closure",
    "def make():\n  k = 2.0\n  def f(x): return x * k\n  def put(v):\n    nonlocal k\n    k = v\n  return f, put\nf, put = make()",
    "put(3.0)",
)
case(
    "a helper's closure",
    "def make():\n  k = 2.0\n  def h(x): return x * k\n  def put(v):\n    nonlocal k\n    k = v\n  return h, put\nh, put = make()\ndef f(x): return h(x) + 1",
    "put(3.0)",
)
case(
    "closure behind a list",
    "def make():\n  k = 2.0\n  def h(x): return x * k\n  def put(v):\n    nonlocal k\n    k = v\n  return h, put\nh, put = make()\nhs = [h]\ndef f(x): return hs[0](x) + 1",
    "put(3.0)",
)
case("a function that an inner one uses", "K = 2.0\ndef f(x):\n  g = lambda y: y * K\n  return g(x)", "K = 3.0")
case("a comprehension", "ks = [1.0, 2.0]\nK = 2.0\ndef f(x): return sum([x * k * K for k in ks])", "K = 3.0")
case("a generator expression", "ks = [1.0, 2.0]\ndef f(x): return sum(x * k for k in ks)", "ks.append(4.0)")
case(
    "a lambda in a dict",
    "table = {'a': lambda x: x * 2}\ndef f(x): return table['a'](x)",
    "table['a'] = lambda x: x * 3",
)
case("recursion", "K = 2.0\ndef p(x, n): return x if n == 0 else p(x, n - 1) * K\ndef f(x): return p(x, 3)", "K = 1.5")
case(
    "a decorated helper",
    "import functools\nK = 2.0\ndef deco(g):\n  @functools.wraps(g)\n  def inner(x): return g(x) * K\n  return inner\n@deco\ndef h(x): return x\ndef f(x): return h(x)",
    "K = 5.0",
)
case("a jitted helper", "K = 2.0\n@jit\ndef h(x): return x * K\ndef f(x): return h(x)", "K = 5.0")
case("a helper of grad", "K = 2.0\ndef h(x): return x ** 3 * K\ndef f(x): return grad(h)(x)", "K = 5.0")
case(
    "partial argument",
    "from functools import partial\ndef h(k, x): return x * k\nf = partial(h, 2.0)",
    "f.__setstate__((h, (3.0,), {}, {}))",
)
case(
    "partial keywords",
    "from functools import partial\ndef h(x, k=1.0): return x * k\nf = partial(h, k=2.0)",
    "f.keywords['k'] = 3.0",
)
case(
    "partial inside",
    "from functools import partial\ndef h(x, k=1.0): return x * k\np = partial(h, k=2.0)\ndef f(x): return p(x)",
    "p.keywords['k'] = 3.0",
)
case(
    "order of names: a",
    "class C: pass\ncfg = C(); cfg.k = 2.0\nclass M:\n  def __call__(self, x): return x * cfg.k\nm = M()\ndef f(x): return m(x)",
    "cfg.k = 3.0",
)
case(
    "order of names: z",
    "class C: pass\nzcfg = C(); zcfg.k = 2.0\nclass M:\n  def __call__(self, x): return x * zcfg.k\nm = M()\ndef f(x): return m(x)",
    "zcfg.k = 3.0",
)

# ---------------------------------------------------------------- attributes

BOX = "class Box:\n  k = 2.0\n  def __init__(self): self.a = 2.0\nbox = Box()\n"
case("instance attribute", BOX + "def f(x): return x * box.a", "box.a = 3.0")
case("class attribute", BOX + "def f(x): return x * box.k", "Box.k = 3.0")
case("class attribute by the class", BOX + "def f(x): return x * Box.k", "Box.k = 3.0")
case("instance attribute over a class attribute", BOX + "def f(x): return x * box.k", "box.k = 3.0")
case("attribute of an attribute", BOX + "box.b = Box()\ndef f(x): return x * box.b.a", "box.b.a = 3.0")
case("an attribute replaced", BOX + "box.b = Box()\ndef f(x): return x * box.b.a", "box.b = Box(); box.b.a = 7.0")
case("attribute deleted", BOX + "box.k = 9.0\ndef f(x): return x * box.k", "del box.k")
case("inherited class attribute", "class A: k = 2.0\nclass B(A): pass\nb = B()\ndef f(x): return x * b.k", "A.k = 3.0")
case(
    "class attribute overridden below",
    "class A: k = 2.0\nclass B(A): pass\nb = B()\ndef f(x): return x * b.k",
    "B.k = 3.0",
)
case(
    "method that reads a global",
    "K = 2.0\nclass M:\n  def m(self, x): return x * K\nm = M()\ndef f(x): return m.m(x)",
    "K = 3.0",
)
case(
    "method replaced",
    "class M:\n  def m(self, x): return x * 2\nm = M()\ndef f(x): return m.m(x)",
    "M.m = lambda self, x: x * 3",
)
case(
    "method over an instance",
    "class M:\n  def m(self, x): return x * 2\nm = M()\ndef f(x): return m.m(x)",
    "m.m = lambda x: x * 3",
)
case("bound method", "class M:\n  k = 2.0\n  def m(self, x): return x * self.k\nm = M()\nf = m.m", "m.k = 3.0")
case(
    "property", "K = 2.0\nclass M:\n  @property\n  def k(self): return K\nm = M()\ndef f(x): return x * m.k", "K = 3.0"
)
case(
    "property over an attribute",
    "class M:\n  _k = 2.0\n  @property\n  def k(self): return self._k * 2\nm = M()\ndef f(x): return x * m.k",
    "m._k = 3.0",
)
case(
    "property replaced",
    "class M:\n  @property\n  def k(self): return 2.0\nm = M()\ndef f(x): return x * m.k",
    "M.k = property(lambda self: 3.0)",
)
case(
    "static method", "K = 2.0\nclass M:\n  @staticmethod\n  def m(x): return x * K\ndef f(x): return M.m(x)", "K = 3.0"
)
case(
    "static method replaced",
    "class M:\n  @staticmethod\n  def m(x): return x * 2\ndef f(x): return M.m(x)",
    "M.m = staticmethod(lambda x: x * 3)",
)
case(
    "class method",
    "class M:\n  k = 2.0\n  @classmethod\n  def m(cls, x): return x * cls.k\ndef f(x): return M.m(x)",
    "M.k = 3.0",
)
case("callable object", "class M:\n  k = 2.0\n  def __call__(self, x): return x * self.k\nf = M()", "f.k = 3.0")
case(
    "callable object that reads a global",
    "K = 2.0\nclass M:\n  def __call__(self, x): return x * K\nf = M()",
    "K = 3.0",
)
case(
    "callable object's class",
    "class M:\n  def __call__(self, x): return x * 2\nf = M()",
    "M.__call__ = lambda self, x: x * 3",
)
case(
    "operator of a user's class",
    "K = 2.0\nclass M:\n  def __rmul__(self, x): return x * K\nm = M()\ndef f(x): return x * m",
    "K = 3.0",
)
case(
    "super",
    "K = 2.0\nclass A:\n  def m(self, x): return x * K\nclass B(A):\n  def m(self, x): return super().m(x) + 1\nb = B()\ndef f(x): return b.m(x)",
    "K = 3.0",
)
case("slots", "class S:\n  __slots__ = ('k',)\ns = S(); s.k = 2.0\ndef f(x): return x * s.k", "s.k = 3.0")
case(
    "inherited slots",
    "class S:\n  __slots__ = ('k',)\nclass T(S):\n  __slots__ = ()\ns = T(); s.k = 2.0\ndef f(x): return x * s.k",
    "s.k = 3.0",
)
case(
    "dataclass",
    "from dataclasses import dataclass\n@dataclass\nclass D:\n  k: float = 2.0\nd = D()\ndef f(x): return x * d.k",
    "d.k = 3.0",
)
case(
    "dataclass with slots",
    "from dataclasses import dataclass\n@dataclass(slots=True)\nclass D:\n  k: float = 2.0\nd = D()\ndef f(x): return x * d.k",
    "d.k = 3.0",
)
case(
    "frozen dataclass replaced",
    "from dataclasses import dataclass, replace\n@dataclass(frozen=True)\nclass D:\n  k: float = 2.0\nd = D()\ndef f(x): return x * d.k",
    "d = replace(d, k=3.0)",
)
case(
    "SimpleNamespace",
    "from types import SimpleNamespace\nn = SimpleNamespace(k=2.0)\ndef f(x): return x * n.k",
    "n.k = 3.0",
)
case("argparse.Namespace", "import argparse\nn = argparse.Namespace(k=2.0)\ndef f(x): return x * n.k", "n.k = 3.0")
case(
    "nested namespaces",
    "from types import SimpleNamespace as N\nn = N(a=N(b=N(k=2.0)))\ndef f(x): return x * n.a.b.k",
    "n.a.b.k = 3.0",
)
case("getattr by name", BOX + "name = 'a'\ndef f(x): return x * getattr(box, name)", "box.a = 3.0")
case("getattr by another name", BOX + "name = 'a'\nbox.b = 5.0\ndef f(x): return x * getattr(box, name)", "name = 'b'")
case("getattr with a default", BOX + "def f(x): return x * getattr(box, 'q', 2.0)", "box.q = 3.0")
case("hasattr", BOX + "def f(x): return x * 3.0 if hasattr(box, 'q') else x", "box.q = None")
case("vars", BOX + "def f(x): return x * sum(vars(box).values())", "box.z = 3.0")
case("__dict__", BOX + "def f(x): return x * sum(box.__dict__.values())", "box.z = 3.0")
case(
    "__getattr__",
    "K = 2.0\nclass G:\n  def __getattr__(self, name): return K\ng = G()\ndef f(x): return x * g.anything",
    "K = 3.0",
)
case(
    "a descriptor of the user's",
    "class D:\n  k = 2.0\n  def __get__(self, obj, kind=None): return self.k\nd = D()\nclass M: v = d\nm = M()\ndef f(x): return x * m.v",
    "d.k = 3.0",
)
case(
    "an enum member chosen",
    "from enum import Enum\nclass E(Enum):\n  A = 2.0\n  B = 3.0\nmode = E.A\ndef f(x): return x * mode.value",
    "mode = E.B",
)
case(
    "the class of an object",
    "class A:\n  def m(self, x): return x * 2\nclass B:\n  def m(self, x): return x * 3\no = A()\ndef f(x): return o.m(x)",
    "o.__class__ = B",
)
case("a class replaced", "class A: k = 2.0\ndef f(x): return x * A.k", "A = type('A', (), {'k': 3.0})")
case(
    "an object made inside",
    "class P:\n  k = 2.0\n  def __init__(self, x): self.x = x\n  def m(self): return self.x * self.k\ndef f(x): return P(x).m()",
    "P.k = 3.0",
)
case(
    "a user's exception caught",
    "K = 2.0\nclass E(Exception): pass\ndef h(x): raise E\ndef f(x):\n  try: return h(x)\n  except E: return x * K",
    "K = 3.0",
)

# ---------------------------------------------------------------- containers

case("list element", "t = [1.0, 2.0]\ndef f(x): return x * t[0]", "t[0] = 3.0")
case("list grows", "t = [1.0, 2.0]\ndef f(x): return x * sum(t)", "t.append(3.0)")
case("list reversed", "t = [1.0, 2.0]\ndef f(x): return x * t[0]", "t.reverse()")
case("long list element", "t = [float(i) for i in range(100)]\ndef f(x): return x * t[50]", "t[50] = 3.0")
case("zero of a long list", "t = [0.0] * 30\ndef f(x): return x + atan2(t[20], -1.0)", "t[20] = -0.0")
case("zeros of a very long list", "t = [0.0] * 300\ndef f(x): return x + atan2(t[20], -1.0)", "t[20] = -0.0")
case(
    "zeros among others in a very long list",
    "t = [0.0, 1.0] * 300\ndef f(x): return x + atan2(t[20], -1.0)",
    "t[20] = -0.0",
)
case("list in a list", "t = [[1.0], [2.0]]\ndef f(x): return x * t[1][0]", "t[1][0] = 3.0")
case("list in a tuple", "t = ([1.0], [2.0])\ndef f(x): return x * t[1][0]", "t[1][0] = 3.0")
case("list of objects", BOX + "t = [box]\ndef f(x): return x * t[0].a", "t[0].a = 3.0")
case(
    "list replaced by an equal one, then changed",
    "t = [1.0] * 20\ndef f(x): return x * t[3]",
    "t = list(t); t[3] = 4.0",
)
case("dict value", "t = {'k': 2.0}\ndef f(x): return x * t['k']", "t['k'] = 3.0")
case("dict key added", "t = {'k': 2.0}\ndef f(x): return x * len(t)", "t['z'] = 3.0")
case("dict order", "t = {'a': 2.0, 'b': 5.0}\ndef f(x): return x * next(iter(t.values()))", "t['a'] = t.pop('a')")
case("dict get", "t = {}\ndef f(x): return x * t.get('k', 2.0)", "t['k'] = 3.0")
case("large dict", "t = {str(i): float(i) for i in range(50)}\ndef f(x): return x * t['7']", "t['7'] = 3.0")
case("dict of dicts", "t = {'a': {'b': 2.0}}\ndef f(x): return x * t['a']['b']", "t['a']['b'] = 3.0")
case(
    "defaultdict",
    "from collections import defaultdict\nt = defaultdict(float, k=2.0)\ndef f(x): return x * t['k']",
    "t['k'] = 3.0",
)
case(
    "OrderedDict",
    "from collections import OrderedDict\nt = OrderedDict(a=2.0, b=5.0)\ndef f(x): return x * [*t.values()][0]",
    "t.move_to_end('a')",
)
case("Counter", "from collections import Counter\nt = Counter('aab')\ndef f(x): return x * t['a']", "t.update('a')")
case("UserDict", "from collections import UserDict\nt = UserDict(k=2.0)\ndef f(x): return x * t['k']", "t['k'] = 3.0")
case("UserList", "from collections import UserList\nt = UserList([2.0])\ndef f(x): return x * t[0]", "t[0] = 3.0")
case(
    "ChainMap",
    "from collections import ChainMap\nt = ChainMap({}, {'k': 2.0})\ndef f(x): return x * t['k']",
    "t['k'] = 3.0",
)
case(
    "ChainMap below",
    "from collections import ChainMap\nlow = {'k': 2.0}\nt = ChainMap({}, low)\ndef f(x): return x * t['k']",
    "low['k'] = 3.0",
)
case("deque", "from collections import deque\nt = deque([1.0, 2.0])\ndef f(x): return x * t[0]", "t.rotate(1)")
case(
    "long deque",
    "from collections import deque\nt = deque(map(float, range(40)))\ndef f(x): return x * t[1]",
    "t.rotate(1)",
)
case("set", "t = {1.0, 2.0}\ndef f(x): return x * (3.0 if 4.0 in t else 1.0)", "t.add(4.0)")
case("frozenset replaced", "t = frozenset({1.0})\ndef f(x): return x * len(t)", "t = frozenset({1.0, 2.0})")
case("objects in a frozenset", BOX + "t = frozenset([box])\ndef f(x): return x * next(iter(t)).a", "box.a = 3.0")
case("tuple replaced", "t = (1.0, 2.0)\ndef f(x): return x * t[1]", "t = (1.0, 3.0)")
case(
    "namedtuple of lists",
    "from collections import namedtuple\nT = namedtuple('T', 'a')\nt = T([2.0])\ndef f(x): return x * t.a[0]",
    "t.a[0] = 3.0",
)
case(
    "mappingproxy",
    "from types import MappingProxyType\nd = {'k': 2.0}\nt = MappingProxyType(d)\ndef f(x): return x * t['k']",
    "d['k'] = 3.0",
)
case(
    "a list subclass with attributes",
    "class L(list): k = 2.0\nt = L([1.0])\ndef f(x): return x * t.k * t[0]",
    "t.k = 3.0",
)
case(
    "a dict subclass",
    "class D(dict):\n  def __missing__(self, key): return K\nK = 2.0\nt = D()\ndef f(x): return x * t['z']",
    "K = 3.0",
)
case("array", "a = np.array([1.0, 2.0])\ndef f(x): return x * float(a[0])", "a[0] = 3.0")
case("array in place", "a = np.array([1.0, 2.0])\ndef f(x): return x * float(a.sum())", "a *= 2")
case("array's shape", "a = np.ones((2, 3))\ndef f(x): return x * len(a)", "a.shape = 3, 2")
case("a view of an array", "base = np.ones(4)\na = base[1:3]\ndef f(x): return x * float(a[0])", "base[1] = 3.0")
case("large array", "a = np.ones(20_000)\ndef f(x): return x * float(a[777])", "a[777] = 3.0")
case(
    "large array of small numbers",
    "a = np.ones(100_000, dtype=np.int16)\ndef f(x): return x * int(a[777])",
    "a[777] = 3",
)
case("array of objects", "a = np.array([2.0, None], dtype=object)\ndef f(x): return x * a[0]", "a[0] = 3.0")
case(
    "array of Values",
    "a = np.array([Value(2.0), Value(1.0)], dtype=object)\ndef f(x): return x * a[0]",
    "a[0] = Value(3.0)",
)
case("array.array", "from array import array\na = array('d', [2.0])\ndef f(x): return x * a[0]", "a[0] = 3.0")
case("bytearray", "a = bytearray(b'\\x02')\ndef f(x): return x * a[0]", "a[0] = 3")
case(
    "context variable",
    "from contextvars import ContextVar\nv = ContextVar('v', default=2.0)\nv.set(2.0)\ndef f(x): return x * v.get()",
    "v.set(3.0)",
)

# ---------------------------------------------------------------- modules

case("module attribute", "import config_of_test as config\ndef f(x): return x * config.K", "config.K = 3.0")
case(
    "module attribute from a local import",
    "def f(x):\n  import config_of_test\n  return x * config_of_test.K",
    "import config_of_test; config_of_test.K = 3.0",
)
case(
    "name from a local import",
    "def f(x):\n  from config_of_test import K\n  return x * K",
    "import config_of_test; config_of_test.K = 3.0",
)
case("function of a module", "import config_of_test as config\ndef f(x): return config.scaled(x)", "config.K = 3.0")
case(
    "function of a module replaced",
    "import config_of_test as config\ndef f(x): return config.scaled(x)",
    "config.scaled = lambda x: x * 9.0",
)
case(
    "object of a module",
    "import config_of_test as config\ndef f(x): return x * config.settings.k",
    "config.settings.k = 3.0",
)
case(
    "class of another file",
    "from config_of_test import Settings\ns = Settings()\ndef f(x): return x * s.k",
    "s.k = 3.0",
)
case(
    "class attribute of another file",
    "from config_of_test import Settings\ns = Settings()\ndef f(x): return x * s.shared",
    "Settings.shared = 3.0",
)
case("a module reloaded", "import config_of_test as config\ndef f(x): return x * config.K", "rewrite('K = 4.0')")
case(
    "a function reloaded",
    "import config_of_test as config\ndef f(x): return config.scaled(x)",
    "rewrite('def scaled(x): return x * 8.0')",
)
case(
    "environment",
    "import os\nos.environ['KOFTEST'] = '2'\ndef f(x): return x * float(os.environ['KOFTEST'])",
    "os.environ['KOFTEST'] = '3'",
)
case("np.pi", "def f(x): return x * np.newaxis_of_test", "np.newaxis_of_test = 3.0")

# ---------------------------------------------------------------- Values and networks

case("a Value's number", "w = Value(2.0)\ndef f(x): return x * w", "w.data = 3.0")
case("a Value replaced", "w = Value(2.0)\ndef f(x): return x * w", "w = Value(3.0)")
case(
    "a Value in a long list replaced by an equal one",
    "ws = [Value(2.0) for _ in range(20)]\ndef f(x): return x * ws[7]",
    "ws[7] = Value(2.0); ws[7].data = 3.0",
)
case("a Value in an attribute", BOX + "box.w = Value(2.0)\ndef f(x): return x * box.w", "box.w = Value(3.0)")
case("weights grow", "ws = [Value(1.0)]\ndef f(x): return sum(x * w for w in ws)", "ws.append(Value(2.0))")
case(
    "a layer's activation",
    "m = nn.MLP(1, [2, 1], rng=0)\ndef f(x): return m([x])",
    "m.layers[0].neurons[0].activation = sin",
)
case(
    "a layer's weight",
    "m = nn.MLP(1, [2, 1], rng=0)\ndef f(x): return m([x])",
    "m.layers[0].neurons[0].w[0] = Value(0.25)",
)
case("a module's layers", "m = nn.MLP(1, [1, 1], rng=0)\ndef f(x): return m([x])", "m.layers.append(m.layers[0])")
case("an annealed weight", "lam = 1.0\nw = Value(0.5)\ndef f(x): return lam * (w * x - 1.0) ** 2", "lam = 10.0")
case(
    "a user's module",
    "class Net(nn.Module):\n  def __init__(self):\n    self.w = parameter(2.0)\n    self.scale = 1.0\n  def __call__(self, x): return self.w * x * self.scale\nm = Net()\ndef f(x): return m(x)",
    "m.scale = 3.0",
)
case("a user's primitive kept", "w = Value(1.0)\nfs = [tanh, sin]\ndef f(x): return fs[0](x * w)", "fs.reverse()")


def start(name: str, tmp_path: Path) -> tuple[dict[str, Any], Callable[[], None]]:
    text, change = CASES[name]
    module = sys.modules["case_of_test"] = types.ModuleType("case_of_test")
    space = vars(module)
    exec("from autograd_mini import *\nfrom autograd_mini import nn\nimport numpy as np\n", space)
    config = tmp_path / "config_of_test.py"

    def rewrite(addition: str) -> None:
        import importlib

        config.write_text(config.read_text() + addition + "\n")
        importlib.reload(sys.modules["config_of_test"])

    config.write_text(
        "K = 2.0\ndef scaled(x): return x * K\n"
        "class Settings:\n  shared = 2.0\n  def __init__(self): self.k = 2.0\nsettings = Settings()\n"
    )
    np.newaxis_of_test = 2.0  # type: ignore[attr-defined]
    space["rewrite"] = rewrite
    exec(compile(text, f"<case {name}>", "exec"), space)
    return space, lambda: exec(compile(change, f"<change {name}>", "exec"), space)


@pytest.fixture(autouse=True)
def _modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    sys.modules.pop("config_of_test", None)
    sys.modules.pop("case_of_test", None)


def number(result: Any) -> float:
    return result.data if isinstance(result, Value) else float(result)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 120


@pytest.mark.parametrize("name", CASES)
def test_jit_on_numbers(name: str, tmp_path: Path) -> None:
    space, change = start(name, tmp_path)
    jitted = jit(space["f"], engine="python")
    for _ in range(3):
        assert jitted(1.25) == number(space["f"](Value(1.25)))
    before = number(space["f"](Value(1.25)))
    change()
    wanted = number(space["f"](Value(1.25)))
    assert wanted != before or name in ("global of another type", "a Value in a long list replaced by an equal one")
    for _ in range(3):
        assert jitted(1.25) == number(space["f"](Value(1.25)))


@pytest.mark.parametrize("name", CASES)
def test_jit_on_columns_and_whole_arrays(name: str, tmp_path: Path) -> None:
    space, change = start(name, tmp_path)
    f, xs = space["f"], np.array([0.5, 2.0, 3.5])
    columns = jit(f, engine="numpy")
    whole = jit(lambda xs: f(xs[0]) + f(xs[len(xs) - 1]), engine="python")
    for step in range(2):
        if step:
            change()
            f = space["f"]
        rows = [number(space["f"](Value(x))) for x in xs.tolist()]
        for _ in range(2):
            assert columns(xs) == pytest.approx(rows, rel=1e-14)
            assert whole(xs) == pytest.approx(rows[0] + rows[-1], rel=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_batch_and_trainer(name: str, tmp_path: Path) -> None:
    space, change = start(name, tmp_path)
    w, rows = parameter(1.5), np.array([[0.5, 1.0], [2.0, -1.0], [3.5, 0.5]])
    batch = Batch(lambda x, y: (space["f"](w * x) - y) ** 2, [w], 2, engine="python")
    plain = Batch(batch.loss, [w], 2, engine="eager")
    model = lambda xs: [space["f"](w * xs[0])]  # noqa: E731
    squared = lambda out, y: (out[0] - y) ** 2  # noqa: E731
    trainer = Trainer(model, squared, optim.SGD([w], lr=1e-300), engine="python")
    for step in range(2):
        if step:
            change()
        for _ in range(2):
            value, gradient = plain.value_and_grad(rows)
            found, slope = batch.value_and_grad(rows)
            assert found == pytest.approx(value, rel=1e-13)
            assert slope == pytest.approx(gradient, rel=1e-12)
            assert batch.loss_rows(rows) == pytest.approx(plain.loss_rows(rows), rel=1e-13)
            assert trainer.step(rows[:, :1], rows[:, 1]) == pytest.approx(value, rel=1e-13)
            wanted = [number(space["f"](w * x)) for x in rows[:, 0].tolist()]
            assert trainer.predict(rows[:, :1])[:, 0] == pytest.approx(wanted, rel=1e-13)


def test_rows_of_parameters_in_plain_lists() -> None:
    """Another row of the very same Values is watched like the one before."""
    w = [[parameter(float(10 * i + j)) for j in range(10)] for i in range(12)]

    def f(x: Any) -> Any:
        return sum((w[i][j] * (j + 1.0) for i in range(12) for j in range(10)), x * 0.0)

    fast = jit(f)

    def agrees() -> bool:
        return all(fast(x) == f(Value(x)).data for x in (1.0, 2.0))

    assert agrees()
    w[3] = list(w[3])
    assert agrees()
    w[3][2] = parameter(1000.0)
    assert agrees()
    w[3] = [parameter(each.data) for each in w[3]]
    w[3][0].data = -5.0
    assert agrees()
    w[4], w[5] = w[5], w[4]
    assert agrees()
    w[6] = w[6][::-1]
    assert agrees()
