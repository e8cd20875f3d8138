// Figures of functions: a curve with its tangent, a product as a rectangle, a choice as a switch, shares as bars.

import { SVG, element } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { flows, localOf, valueOf } from "./graph.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Graph, GraphNode } from "./types.js" */

const WIDE = 300, TALL = 176, EDGE = 26, SAMPLES = 121;

/**
 * The figure of a function at its current operands, or nothing.
 * @param {App} app
 * @param {GraphNode} node
 * @returns {HTMLElement[]}
 */
export function figureOf(app, node) {
  const { graph } = app, operands = node.into.map((edge) => valueOf(graph, graph.nodes[edge.from]));
  const results = node.results.map((index) => valueOf(graph, graph.nodes[index]));
  if (![...operands, ...results].every(Number.isFinite)) return [];
  const curve = app.curves[`${node.fn} ${node.label}`];
  let drawn, caption;
  if (["maximum", "minimum", "where"].includes(node.fn)) [drawn, caption] = choice(graph, node, operands, results[0]);
  else if (node.fn === "mul" && operands.length === 2) [drawn, caption] = rectangle(graph, node, operands);
  else if (["softmax", "log_softmax"].includes(node.fn)) [drawn, caption] = bars(graph, node, results);
  else if (curve && operands.length === 1) [drawn, caption] = tangent(graph, node, curve);
  else return [];
  drawn.setAttribute("role", "img");
  drawn.setAttribute("aria-label", caption);
  return [element("figure", "shape", drawn, element("figcaption", "quiet", caption))];
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function shape(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(typeof value === "number" ? Math.round(value * 10) / 10 : value));
  if (text !== undefined) made.textContent = text;
  return made;
}

const sheet = () => shape("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, class: "figure" });

/**
 * The window of a curve: x on both sides of the current point, y where the curve is finite and not too steep.
 * @param {(x: number) => number} curve
 * @param {number} at
 * @returns {{ xs: number[], ys: number[], low: number, high: number }}
 */
export function windowOf(curve, at) {
  const reach = Math.max(2.5, Math.abs(at) * 1.4), xs = Array.from({ length: SAMPLES }, (_, i) => at - reach + (2 * reach * i) / (SAMPLES - 1)), ys = xs.map(curve);
  const here = curve(at), seen = ys.filter(Number.isFinite).sort((a, b) => a - b), most = Math.max(4, 4 * Math.abs(here));
  const low = Math.max(seen[0] ?? here, Math.min(here, seen[Math.floor(seen.length * 0.05)] ?? here) - most), high = Math.min(seen[seen.length - 1] ?? here, Math.max(here, seen[Math.floor(seen.length * 0.95)] ?? here) + most);
  const room = Math.max(0.12 * (high - low), 0.4);
  return { xs, ys, low: low - room, high: high + room };
}

/**
 * The curve of a function of one operand, the current point, and the tangent whose slope is the local derivative.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {(x: number) => number} curve
 * @returns {[SVGElement, string]}
 */
function tangent(graph, node, curve) {
  const [edge] = node.into, x = valueOf(graph, graph.nodes[edge.from]), y = valueOf(graph, graph.nodes[node.results[0]]);
  const slope = flows(graph, edge) ? localOf(graph, edge, 0) : 0, { xs, ys, low, high } = windowOf(curve, x), svg = sheet();
  const left = xs[0], right = xs[xs.length - 1];
  const px = (/** @type {number} */ u) => EDGE + (u - left) / (right - left) * (WIDE - 2 * EDGE), py = (/** @type {number} */ v) => TALL - EDGE - (v - low) / (high - low) * (TALL - 2 * EDGE);
  if (left < 0 && right > 0) svg.append(shape("line", { class: "axis", x1: px(0), x2: px(0), y1: EDGE / 2, y2: TALL - EDGE }));
  if (low < 0 && high > 0) svg.append(shape("line", { class: "axis", x1: EDGE, x2: WIDE - EDGE, y1: py(0), y2: py(0) }));
  let path = "", pen = "M";
  ys.forEach((v, i) => {
    const inside = Number.isFinite(v) && v >= low - (high - low) && v <= high + (high - low);
    if (inside) path += `${pen}${px(xs[i]).toFixed(1)},${Math.max(2, Math.min(TALL - 2, py(v))).toFixed(1)}`;
    pen = inside ? "L" : "M";
  });
  svg.append(shape("path", { class: "curve", d: path }));
  const angle = Math.atan2(slope * (TALL - 2 * EDGE) / (high - low), (WIDE - 2 * EDGE) / (right - left)), far = 62;
  const [dx, dy] = [Math.cos(angle) * far, -Math.sin(angle) * far];
  svg.append(
    shape("line", { class: "drop", x1: px(x), x2: px(x), y1: py(y), y2: TALL - EDGE }),
    shape("line", { class: "tangent", x1: px(x) - dx, y1: py(y) - dy, x2: px(x) + dx, y2: py(y) + dy, "data-slope": String(slope) }),
    shape("circle", { class: "point", cx: px(x), cy: py(y), r: 4.5 }),
    shape("text", { x: px(x), y: TALL - EDGE + 15, "text-anchor": "middle", class: "forward" }, number(x)),
    shape("text", { x: EDGE, y: 14, class: "slope" }, tell("slope {slope}", { slope: number(slope) })),
  );
  return [svg, tell("{name} at {x} is {y}; the tangent's slope is the local derivative, {slope}.", { name: node.fn, x: number(x), y: number(y), slope: number(slope) })];
}

/**
 * a × b as an area, and the two strips by which it grows where a side grows.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number[]} operands
 * @returns {[SVGElement, string]}
 */
function rectangle(graph, node, [a, b]) {
  const [wide, tall] = [Math.abs(a), Math.abs(b)], scale = Math.min((WIDE - 3.4 * EDGE) / Math.max(wide, 1e-300), (TALL - 2.4 * EDGE) / Math.max(tall, 1e-300), 1e300), svg = sheet();
  const least = (/** @type {number} */ size, /** @type {number} */ whole) => (size === 0 ? 0 : Math.max(3, Math.min(whole, size * scale)));
  const [w, h] = [least(wide, WIDE - 3.4 * EDGE), least(tall, TALL - 2.4 * EDGE)], x = EDGE * 1.4, y = TALL - EDGE - h, strip = 9;
  const [first, second] = node.into.map((edge) => graph.nodes[edge.from].name), sign = a * b < 0 ? "negative" : "positive";
  svg.append(
    shape("rect", { class: `area ${sign}`, x, y, width: w, height: h }),
    shape("rect", { class: "strip", x: x + w, y, width: strip, height: h }),
    shape("rect", { class: "strip", x, y: y - strip, width: w, height: strip }),
    shape("text", { x: x + w / 2, y: TALL - EDGE + 15, "text-anchor": "middle", class: "forward" }, number(a)),
    shape("text", { x: x - 6, y: y + h / 2 + 4, "text-anchor": "end", class: "forward" }, number(b)),
    shape("text", { x: x + w + strip + 5, y: y + h / 2 + 4, class: "slope" }, `∂ ${number(b)}`),
    shape("text", { x: x + w / 2, y: Math.max(11, y - strip - 5), "text-anchor": "middle", class: "slope" }, `∂ ${number(a)}`),
  );
  return [svg, tell("The area is {first} × {second} = {area}. Where {first} grows, it grows by a strip as long as {second}: that is the local derivative, and the other way round.", { first, second, area: number(a * b) })];
}

/**
 * max, min and where: which operand passes, with all of its gradient.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number[]} operands
 * @param {number} result
 * @returns {[SVGElement, string]}
 */
function choice(graph, node, operands, result) {
  const svg = sheet(), shown = node.into.map((edge, i) => ({ edge, x: operands[i], name: graph.nodes[edge.from].name })).filter(({ edge }) => edge.flow !== "never" || node.fn !== "where");
  const gap = (TALL - 2 * EDGE) / Math.max(1, shown.length - 1), out = [WIDE - 74, TALL / 2];
  const share = (/** @type {{ edge: import("./types.js").GraphEdge }} */ { edge }) => (flows(graph, edge) ? localOf(graph, edge, 0) : 0);
  shown.forEach((each, i) => {
    const y = EDGE + i * gap, open = share(each) !== 0;
    svg.append(
      shape("line", { class: open ? "closed-switch" : "open-switch", x1: 112, y1: y, x2: open ? out[0] : 168, y2: open ? out[1] : y - 16 }),
      shape("circle", { class: open ? "point" : "rest", cx: 112, cy: y, r: 4.5 }),
      shape("text", { x: 102, y: y + 4, "text-anchor": "end", class: open ? "forward" : "quiet" }, `${each.name} ${number(each.x)}`),
      shape("text", { x: 122, y: y + 17, class: open ? "slope" : "quiet" }, `∂ ${number(share(each))}`),
    );
  });
  svg.append(shape("circle", { class: "point", cx: out[0], cy: out[1], r: 4.5 }), shape("text", { x: out[0] + 10, y: out[1] + 4, class: "forward" }, number(result)));
  const passing = shown.filter((each) => share(each) !== 0).map(({ name }) => name);
  return [svg, passing.length ? tell("{names} passes, and with it the gradient; what does not pass gets none.", { names: passing.join(tell(" and ")) }) : tell("No operand passes here: no gradient flows back.")];
}

/**
 * Shares as bars: together they are 1.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number[]} results
 * @returns {[SVGElement, string]}
 */
function bars(graph, node, results) {
  const svg = sheet(), shares = node.fn === "softmax" ? results.slice() : results.map(Math.exp), tall = TALL - 2 * EDGE;
  const rest = 1 - shares.reduce((sum, share) => sum + share, 0); // of the outputs that the graph does not use
  if (rest > 1e-9) shares.push(rest);
  shares.forEach((share, i) => {
    const step = (WIDE - 2 * EDGE) / shares.length, x = EDGE + i * step, h = Math.max(0.5, tall * share), name = i < results.length ? graph.nodes[node.results[i]].name : "others";
    svg.append(shape("rect", { class: "bar-of-share", x: x + step * 0.12, y: TALL - EDGE - h, width: step * 0.76, height: h, rx: 2 }));
    if (step > 26) svg.append(shape("text", { x: x + step / 2, y: TALL - EDGE - h - 5, "text-anchor": "middle", class: "forward" }, number(Number(share.toPrecision(2)))), shape("text", { x: x + step / 2, y: TALL - EDGE + 15, "text-anchor": "middle", class: "quiet" }, name.slice(0, 8)));
  });
  svg.append(shape("line", { class: "axis", x1: EDGE, x2: WIDE - EDGE, y1: TALL - EDGE, y2: TALL - EDGE }));
  return [svg, tell("{count} shares that add up to 1: where one grows, the others shrink.", { count: shares.length })];
}
