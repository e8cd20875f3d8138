// Painting: updates the texts, shapes and lines to the numbers after a step.

import { computed, contribution, pulled, shut, stateOf, valueOf } from "./graph.js";
import { restyle } from "./writing.js";
import { paintSketch } from "./sketch.js";
import { gradientsAfter, paintText } from "./texts.js";
import { toggleOn } from "./trace.js";
import { sight } from "./zoom.js";
import { SVG } from "../../web/assets/dom.js";
import { tell } from "../../web/assets/language.js";

/** @import { Arrived, BoundCell, EdgeBinding, Graph, GraphNode, NodeBinding, Picture, ShapeBinding, ViewData } from "./types.js" */

/**
 * Show the numbers that are known after `step`, of the visible part, so that a graph of a thousand
 * nodes is updated within a frame. `all` is for a copy of the picture.
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {number} step
 * @param {boolean} [all]
 */
export function paint(picture, graph, step, all = false) {
  const see = all ? () => true : sight(picture), gradient = gradientsAfter(graph, step), moment = { picture, graph, step, gradient };
  for (const node of graph.nodes) {
    const bound = picture.nodes[node.index];
    if (!bound.group || bound.cell || !see(bound)) continue;
    if (node.kind === "function") paintFunction(bound, graph, node, step);
    else paintQuantity(bound, graph, node, step, gradient);
  }
  for (const bound of picture.edges) if (bound.line && see(bound)) paintEdge(bound, graph, step, gradient);
  for (const each of picture.texts) if (see(each.bound)) paintText(each, moment);
  for (const each of picture.cells) if (see(each.bound)) paintCell(each, picture.view, graph, step, gradient);
}

/**
 * The colour of a cell, on the scales of the drawing's legend.
 * @param {BoundCell} cell
 * @param {ViewData} view
 * @param {Graph} graph
 * @param {number} step
 * @param {(node: GraphNode) => Arrived} gradient
 */
function paintCell({ shape, node, what }, view, graph, step, gradient) {
  const at = graph.nodes[node];
  const x = what === "gradient" ? gradient(at).sum : computed(graph, at, step) ? valueOf(graph, at) : undefined;
  restyle(shape, x === undefined ? "constant" : !Number.isFinite(x) ? "warning" : what === "gradient" ? glow(x, view.gradient ?? 0) : signedHeat(x, view.value ?? 1));
}
const HEAT_STEPS = 24, DECADES = 3;

/**
 * @param {number} x
 * @param {number} most
 */
const signedHeat = (x, most) => `heat${Math.round(Math.max(-1, Math.min(1, x / most)) * HEAT_STEPS) || 0}`;

/**
 * @param {number} x
 * @param {number} most
 */
function glow(x, most) {
  if (x === 0 || !most) return "glow0";
  return `glow${Math.round(Math.max(0, Math.min(1, 1 + Math.log10(Math.abs(x) / most) / DECADES)) * HEAT_STEPS)}`;
}

/**
 * @param {NodeBinding} bound
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 * @param {(node: GraphNode) => Arrived} gradient
 */
function paintQuantity(bound, graph, node, step, gradient) {
  const known = computed(graph, node, step);
  if (bound.shape) {
    const { sum } = node.kind === "constant" ? { sum: undefined } : gradient(node);
    const strange = known && (!Number.isFinite(valueOf(graph, node)) || (sum !== undefined && !Number.isFinite(sum)));
    restyle(bound.shape, strange ? "warning" : bound.shape.own === "warning" ? plainRole(node) : bound.shape.own);
  }
  toggleOn(bound.group, !known, "waiting");
}

/** @param {GraphNode} node */
const plainRole = (node) => node.kind === "constant" || node.kind === "output" ? node.kind : "value";
const FUNCTION_ROLES = { "": "function", dead: "asleep", saturated: "saturated", "not finite": "warning" };

/**
 * @param {NodeBinding} bound
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 */
function paintFunction(bound, graph, node, step) {
  const known = node.forward <= step, state = known ? stateOf(graph, node) : "";
  restyle(bound.shape, FUNCTION_ROLES[state]);
  if (state && !bound.stated && !bound.told && bound.shape && bound.group) bound.stated = addState(bound, bound.shape, bound.group, state);
  else if (bound.stated) bound.stated.textContent = tell(state);
  if (bound.sketch && bound.shape) paintSketch(bound.sketch, bound.shape, graph, node, known);
  toggleOn(bound.group, !known, "waiting");
}

/**
 * The word under a square ("dead"), for a function that had no such state when it was drawn.
 * @param {NodeBinding} bound
 * @param {ShapeBinding} shape its square
 * @param {SVGGraphicsElement} group
 * @param {string} state
 * @returns {SVGTextElement}
 */
function addState({ under }, shape, group, state) {
  const box = /** @type {SVGRectElement} */ (shape.element), text = document.createElementNS(SVG, "text");
  text.setAttribute("class", "muted halo");
  text.setAttribute("x", String(box.x.baseVal.value + box.width.baseVal.value / 2));
  const bottom = under && under.box ? under.box.y + under.box.height - 2 : box.y.baseVal.value + box.height.baseVal.value;
  text.setAttribute("y", String(bottom + 11));
  text.setAttribute("font-size", "9.5");
  text.setAttribute("text-anchor", "middle");
  text.textContent = tell(state);
  group.append(text);
  return text;
}

/**
 * @param {EdgeBinding} bound
 * @param {Graph} graph
 * @param {number} step
 * @param {(node: GraphNode) => Arrived} after
 */
function paintEdge(bound, graph, step, after) {
  const { edge } = bound, head = graph.nodes[bound.to], tail = graph.nodes[bound.from];
  const known = computed(graph, edge.result ? head : tail, step);
  toggleOn(bound.line, !graph.nudge && !(edge.result ? known : known && head.forward <= step), "waiting");
  if (edge.flow === "never" || graph.nudge || !bound.path) return;
  const open = edge.result || !shut(graph, edge, step);
  const gradient = edge.result ? after(head).sum : open && pulled(graph, edge, step) ? contribution(graph, edge) : undefined;
  const role = !open ? "untaken" : gradient === 0 && tail.kind !== "constant" ? "still" : "edge";
  if (!bound.wide) { restyle(bound.path, role); return; }
  const size = bound.weight === undefined ? gradient : graph.numbers[graph.nodes[bound.weight].at];
  restyle(bound.path, bound.weight === undefined && role !== "edge" || size === undefined ? role : size > 0 ? "positive" : size < 0 ? "negative" : "still");
  bound.path.element.style.strokeWidth = String(size === undefined ? 1 : 0.6 + 4.4 * Math.min(1, Math.abs(size) / bound.wide));
}
