// The figure inside the square of a function, at the current numbers: curve and tangent, switch, bars, area.

import { flows, localOf, valueOf } from "./graph.js";
import { SVG } from "../../web/assets/dom.js";

/** @import { Graph, GraphNode, ShapeBinding } from "./types.js" */

const [WIDE, HIGH] = [44, 24], SAMPLES = 32, REACH = 0.4;
const SWITCH = 34, STEP = 12;
const BAR = 6, GAP = 2.5, BARS = 24;
const STRIP = 4, AREA = [34, 24];

/** @typedef {[tag: "path" | "circle" | "rect", attributes: Record<string, string | number>]} Piece */

/**
 * Draw the figure again, with the geometry of viz/scene/marks/figures.py; parts undefined at these numbers are left out.
 * @param {SVGGElement} sketch
 * @param {ShapeBinding} square
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {boolean} known
 */
export function paintSketch(sketch, square, graph, node, known) {
  const rect = /** @type {SVGRectElement} */ (square.element), kind = sketch.classList[1];
  const x = rect.x.baseVal.value + rect.width.baseVal.value / 2, y = rect.y.baseVal.value + rect.height.baseVal.value / 2 + 8;
  const pieces = known ? SKETCHES[kind](graph, node, x, y) : [];
  sketch.replaceChildren(...pieces.map(([tag, attributes]) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    return made;
  }));
}

/** @type {Record<string, (graph: Graph, node: GraphNode, x: number, y: number) => Piece[]>} */
const SKETCHES = { curve, switch: lever, bars, area };

/**
 * @param {number[][]} spots
 * @param {string} role
 * @returns {Piece}
 */
const line = (spots, role) => ["path", { class: role, d: `M${spots.map((spot) => spot.map((x) => x.toFixed(2)).join(",")).join(" L")}` }];

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} x
 * @param {number} y
 * @returns {Piece[]}
 */
function curve(graph, node, x, y) {
  const f = graph.curves[`${node.fn} ${node.label}`], [edge] = node.into, at = valueOf(graph, graph.nodes[edge.from]);
  const result = valueOf(graph, graph.nodes[node.results[0]]), slope = localOf(graph, edge, 0);
  if (!f || ![at, result, slope].every(Number.isFinite)) return [];
  const reach = Math.max(1.5, 0.8 * Math.abs(at)), start = at - reach;
  const points = Array.from({ length: SAMPLES + 1 }, (_, i) => start + reach * 2 * i / SAMPLES).map((t) => [t, Number(f(t))]);
  const seen = points.map(([, v]) => v).filter(Number.isFinite), low = Math.min(...seen), high = Math.max(...seen);
  if (seen.length < SAMPLES / 4 || !Number.isFinite(high - low) || high - low < 1e-12 * Math.max(1, Math.abs(high))) return [];
  const place = (/** @type {number[]} */ [t, v]) => [x + ((t - start) / (2 * reach) - 0.5) * WIDE, y - ((v - low) / (high - low) - 0.5) * HIGH];
  /** @type {number[][][]} */
  const stretches = [[]];
  for (const point of points) {
    if (Number.isFinite(point[1])) stretches[stretches.length - 1].push(place(point));
    else if (stretches[stretches.length - 1].length) stretches.push([]);
  }
  const height = (result - low) / (high - low), steep = slope * 2 * reach / (high - low);
  const room = (/** @type {number} */ s) => (s === 0 ? REACH : Math.min(REACH, ((s > 0 ? 1 : 0) - height) / s));
  const [before, after] = [room(-steep), room(steep)], on = (/** @type {number} */ share) => place([at + share * 2 * reach, low + (height + share * steep) * (high - low)]);
  const [cx, cy] = place([at, result]);
  return [...stretches.filter((each) => each.length > 1).map((each) => line(each, "curve")), line([on(-before), on(after)], "tangent"), ["circle", { class: "point", cx, cy, r: 2.6 }]];
}

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} x
 * @param {number} y
 * @returns {Piece[]}
 */
function lever(graph, node, x, y) {
  const ways = node.fn === "where" ? node.into.slice(-2) : node.into, shares = ways.map((edge) => (flows(graph, edge) ? localOf(graph, edge, 0) : 0));
  const taken = shares.indexOf(1), contacts = ways.map((_, way) => [x - SWITCH / 2, y + (way - (ways.length - 1) / 2) * STEP]);
  if (taken < 0 || shares.some((share, way) => way !== taken && share !== 0)) return []; // a tie
  return [
    line([contacts[taken], [x + SWITCH / 2, y]], "tangent"),
    ...contacts.map(([cx, cy], way) => /** @type {Piece} */ (["circle", { class: way === taken ? "point" : "open", cx, cy, r: 2.4 }])),
    ["circle", { class: "point", cx: x + SWITCH / 2, cy: y, r: 2.4 }],
  ];
}

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} x
 * @param {number} y
 * @returns {Piece[]}
 */
function bars(graph, node, x, y) {
  const xs = node.into.map((edge) => valueOf(graph, graph.nodes[edge.from])), top = Math.max(...xs);
  const sizes = xs.map((each) => Math.exp(each - top)), most = Math.max(...sizes), wide = sizes.length * (BAR + GAP) - GAP;
  if (!sizes.every(Number.isFinite)) return [];
  const chosen = node.results.length === 1 ? graph.nodes[node.results[0]].output : undefined;
  return sizes.map((size, place) => {
    const tall = Math.max(1, BARS * size / most);
    return ["rect", { class: place === chosen ? "point" : "bar", x: x - wide / 2 + place * (BAR + GAP), y: y + BARS / 2 - tall, width: BAR, height: tall }];
  });
}

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} x
 * @param {number} y
 * @returns {Piece[]}
 */
function area(graph, node, x, y) {
  const [a, b] = node.into.map((edge) => Math.abs(valueOf(graph, graph.nodes[edge.from]))), most = Math.max(a, b);
  if (!a || !b || !Number.isFinite(a * b)) return [];
  const w = Math.max(4, (AREA[0] - STRIP) * a / most), h = Math.max(4, (AREA[1] - STRIP) * b / most), left = x - (w + STRIP) / 2, bottom = y + (h + STRIP) / 2;
  return [
    ["rect", { class: "bar", x: left, y: bottom - h, width: w, height: h }],
    ["rect", { class: "growth", x: left + w + 0.8, y: bottom - h, width: STRIP - 0.8, height: h }],
    ["rect", { class: "growth", x: left, y: bottom - h - STRIP, width: w, height: STRIP - 0.8 }],
  ];
}
