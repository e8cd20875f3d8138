// Painting: writes what the numbers are after a step into the texts, shapes and lines that show them.

import { computed, contribution, flows, gradientAfter, gradientOf, localOf, pathsFrom, pulled, stateOf, top, valueOf } from "./graph.js";
import { change, gap } from "./nudge.js";
import { fit, restyle, textBinding, write } from "./picture.js";
import { sight } from "./zoom.js";
import { SVG } from "../../web/assets/dom.js";
import { DASH, number, signed, width } from "../../web/assets/numbers.js";

/** @import { Arrived, BoundCell, BoundText, EdgeBinding, Graph, GraphNode, NodeBinding, Picture, Step, TextBinding, ViewData } from "./types.js" */

/**
 * Show the numbers that are known after `step`: of what is in sight, so that a graph of a thousand
 * nodes follows a drag within a frame. `all` is for a copy of the picture.
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {number} step
 * @param {boolean} [all]
 */
export function paint(picture, graph, step, all = false) {
  const after = [], see = all ? () => true : sight(picture);
  const gradient = (node) => after[node.at] = after[node.at] || gradientAfter(graph, node, step);
  for (const node of graph.nodes) {
    const bound = picture.nodes[node.index];
    if (!bound.group || bound.cell || !see(bound)) continue;
    if (node.kind === "function") paintFunction(bound, graph, node, step);
    else paintQuantity(bound, graph, node, step, gradient(node));
  }
  for (const bound of picture.edges) if (bound.line && see(bound)) paintEdge(bound, graph, step, gradient);
  for (const each of picture.texts) if (see(each.bound)) paintText(each, graph, step, gradient);
  for (const each of picture.cells) if (see(each.bound)) paintCell(each, picture.view, graph, step, gradient);
}

/**
 * What stands in a row of a card: the value, or the gradient after its ∂.
 * @param {BoundText} row
 * @param {Graph} graph
 * @param {number} step
 * @param {(node: GraphNode) => Arrived} gradient
 */
function paintText({ text, node, what }, graph, step, gradient) {
  const at = graph.nodes[node];
  if (graph.nudge) write(text, change((what ? graph.nudge.predicted : graph.nudge.real)[at.at]), what ? "gradient" : "forward");
  else if (what) {
    const { sum } = gradient(at);
    write(text, `∂ ${number(sum)}`, inkOf(sum));
  } else {
    const known = computed(graph, at, step);
    write(text, known ? number(valueOf(graph, at)) : DASH, known ? "forward" : "muted");
  }
}

/**
 * The colour of a cell, on the scales of the drawing: the legend stays true.
 * @param {BoundCell} cell
 * @param {ViewData} view
 * @param {Graph} graph
 * @param {number} step
 * @param {(node: GraphNode) => Arrived} gradient
 */
function paintCell({ shape, node, what }, view, graph, step, gradient) {
  const at = graph.nodes[node];
  const x = what ? gradient(at).sum : computed(graph, at, step) ? valueOf(graph, at) : undefined;
  restyle(shape, x === undefined ? "constant" : !Number.isFinite(x) ? "warning" : what ? glow(x, view.gradient) : signedHeat(x, view.value));
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
 * @param {Arrived} gradient
 */
function paintQuantity(bound, graph, node, step, gradient) {
  const known = computed(graph, node, step), value = valueOf(graph, node);
  const strange = known && (!Number.isFinite(value) || (node.kind !== "constant" && gradient.sum !== undefined && !Number.isFinite(gradient.sum)));
  restyle(bound.shape, strange ? "warning" : bound.shape.own === "warning" ? plainRole(node) : bound.shape.own);
  if (bound.value) {
    const text = graph.nudge ? change(graph.nudge.real[node.at]) : known ? number(value) : DASH;
    fit(bound.value, text, bound.room);
    write(bound.value, text, strange ? "warning-text" : node.kind === "constant" ? "constant-text" : "value-text");
  }
  if (graph.nudge) write(bound.total, change(graph.nudge.predicted[node.at]), "gradient", gap(graph.nudge, node));
  else write(bound.total, `∂ ${number(gradient.sum)}`, inkOf(gradient.sum), sumOf(gradient));
  bound.group.classList.toggle("waiting", !known);
}

/** @param {GraphNode} node */
const plainRole = (node) => node.kind === "constant" || node.kind === "output" ? node.kind : "value";

/** @param {number | undefined} gradient */
const inkOf = (gradient) => gradient === undefined ? "muted" : Number.isFinite(gradient) ? "gradient" : "warning-text";
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
  if (state && !bound.state) bound.state = addState(bound);
  write(bound.state, state);
  bound.group.classList.toggle("waiting", !known);
}

/**
 * The word under a square ("dead"), for a function that had no such state when it was drawn.
 * @param {NodeBinding} bound
 * @returns {TextBinding | undefined}
 */
function addState(bound) {
  const box = /** @type {SVGRectElement} */ (bound.shape.element), text = document.createElementNS(SVG, "text");
  text.setAttribute("class", "muted halo");
  text.setAttribute("x", String(box.x.baseVal.value + box.width.baseVal.value / 2));
  text.setAttribute("y", String(box.y.baseVal.value + box.height.baseVal.value + 13));
  text.setAttribute("font-size", "10.5");
  text.setAttribute("text-anchor", "middle");
  bound.group.append(text);
  return textBinding(text);
}

/**
 * @param {EdgeBinding} bound
 * @param {Graph} graph
 * @param {number} step
 * @param {(node: GraphNode) => Arrived} after
 */
function paintEdge(bound, graph, step, after) {
  const { edge } = bound, head = graph.nodes[bound.to], tail = graph.nodes[bound.from];
  const source = edge.result ? head : tail, known = computed(graph, source, step);
  write(bound.value, known ? number(valueOf(graph, source)) : DASH, !known ? "muted" : Number.isFinite(valueOf(graph, source)) ? "forward" : "warning-text");
  if (graph.nudge) {
    write(bound.value, change(graph.nudge.real[source.at]), "forward");
    write(bound.gradient, change(graph.nudge.predicted[source.at]), "gradient", gap(graph.nudge, source));
    bound.line.classList.remove("waiting");
    return;
  }
  bound.line.classList.toggle("waiting", !(edge.result ? known : known && head.forward <= step));
  if (edge.flow === "never") return;
  const open = edge.result || flows(graph, edge);
  let gradient, note = "";
  if (edge.result) {
    gradient = after(head).sum;
    note = sumOf(after(head));
  } else if (open && pulled(graph, edge, step)) {
    gradient = contribution(graph, edge);
    const upstream = head.results.length === 1 ? gradientOf(graph, graph.nodes[head.results[0]]) : undefined;
    if (upstream !== undefined) note = ` = ${signed(upstream)}·${signed(localOf(graph, edge, 0))}`;
  }
  write(bound.gradient, open || !known ? number(gradient) : "no gradient flows here", open ? inkOf(gradient) : "muted", note);
  if (!bound.path) return;
  const role = !open ? "untaken" : gradient === 0 && tail.kind !== "constant" ? "still" : "edge";
  if (!bound.wide) { restyle(bound.path, role); return; }
  restyle(bound.path, role !== "edge" || gradient === undefined ? role : gradient > 0 ? "positive" : "negative");
  bound.path.element.style.strokeWidth = String(gradient === undefined ? 1 : 0.6 + 4.4 * Math.min(1, Math.abs(gradient) / bound.wide));
}

/**
 * " = 3 + 4" where several contributions meet, and "…" while more are to come.
 * @param {Arrived} arrived
 */
function sumOf({ terms, done }) {
  if (terms.length < 2 && (done || !terms.length)) return "";
  const text = ` = ${  terms.map((term, i) => i ? signed(term) : number(term)).join(" + ")  }${done ? "" : " + …"}`;
  return width(text) * 10.5 <= 122 ? text : done ? ` = sum of ${terms.length}` : ` = sum of ${terms.length} so far`;
}

/**
 * What a screen reader says of a node, and the exact numbers of its tooltip. Called when things rest.
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {number} step
 */
export function describe(picture, graph, step) {
  for (const node of graph.nodes) {
    const bound = picture.nodes[node.index];
    if (!bound.group || bound.cell) continue;
    const text = spoken(graph, node, step);
    if (bound.spoken === text) continue;
    bound.group.setAttribute("aria-label", bound.spoken = text);
    if (node.leaf) {
      const x = valueOf(graph, node);
      bound.group.setAttribute("aria-valuenow", String(Number.isFinite(x) ? Number(x.toPrecision(4)) : 0));
      bound.group.setAttribute("aria-valuetext", number(x));
    }
    tooltip(bound.group, text);
  }
  for (const { group, scalars } of picture.boxes) {
    group.setAttribute("aria-label", `${group.querySelector("text").textContent}, ${scalars.length ? `${scalars.length} scalars inside` : "folded"}`);
  }
}

/**
 * The description of the drawing: what it said when it was recorded, and at other inputs their numbers.
 * @param {Picture} picture
 * @param {Graph} graph
 */
export function retell(picture, graph) {
  const told = picture.svg.querySelector("desc"), name = graph.nodes[top(graph)].name;
  if (!told) return;
  picture.told ??= told.textContent;
  const recorded = graph.inputs.every((x, place) => Object.is(x, graph.recorded[place]));
  const leaves = graph.leafOrder.map((place) => graph.nodes[graph.leaves[place]]).filter((node) => node.kind !== "constant").slice(0, 40);
  const outputs = graph.outputs.slice(0, 40).map((index) => `${graph.nodes[index].name} = ${number(valueOf(graph, graph.nodes[index]))}`);
  const inputs = leaves.map((node) => `${node.name} = ${number(valueOf(graph, node))}, ∂${name}/∂${node.name} = ${number(gradientOf(graph, node))}`);
  const text = recorded ? picture.told : `At changed inputs: ${[...outputs, ...inputs].join("; ")}`;
  if (told.textContent !== text) told.textContent = text;
}

/**
 * @param {SVGGraphicsElement} group
 * @param {string} text
 */
function tooltip(group, text) {
  let title = group.firstElementChild;
  if (title.tagName !== "title") group.prepend(title = document.createElementNS(SVG, "title"));
  title.textContent = text;
}

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 */
function spoken(graph, node, step) {
  if (node.kind === "function") {
    const operands = node.into.map((edge) => graph.nodes[edge.from].name).join(", ");
    const state = node.forward <= step ? stateOf(graph, node) : "not computed yet";
    return `${node.fn} of ${operands}${state ? `, ${state}` : ""}`;
  }
  const value = computed(graph, node, step) ? `value ${number(valueOf(graph, node))}` : "not computed yet";
  if (node.kind === "constant") return `constant ${node.label || ""} ${value}`;
  const gradient = gradientAfter(graph, node, step);
  return `${node.kind} ${node.name}, ${value}, gradient ${gradient.sum === undefined ? "not computed" : number(gradient.sum)}`;
}

/**
 * Highlight everything on a path from `node` to the output, and quieten the rest.
 * (gently, for a node that stays selected while its number is changed).
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {GraphNode | undefined} node
 * @param {boolean} [gently]
 */
export function highlight(picture, graph, node, gently) {
  picture.svg.classList.toggle("tracing", Boolean(node));
  picture.svg.classList.toggle("gently", Boolean(node && gently));
  if (!node) return;
  const on = pathsFrom(graph, node);
  graph.nodes.forEach((each) => { const { group, totalGroup } = picture.nodes[each.index]; toggleOn(group, on.has(each.index)); toggleOn(totalGroup, on.has(each.index)); });
  for (const { group, inside, scalars } of picture.boxes) toggleOn(group, !inside.length && !scalars.length || [...inside, ...scalars].some((index) => on.has(index)));
  for (const bound of picture.edges) {
    const both = on.has(bound.from) && on.has(bound.to) && (bound.edge.result || flows(graph, bound.edge));
    toggleOn(bound.line, both);
    toggleOn(bound.label, both);
  }
}

/**
 * @param {Element | null | undefined} element
 * @param {boolean} on
 * @param {string} [name]
 */
export const toggleOn = (element, on, name = "on") => { if (element) element.classList.toggle(name, on); };

/**
 * The frame that glides to the node of the current step, and the edges the step works on.
 * @param {Picture} picture
 * @param {Graph} graph
 * @param {Step} step
 */
export function point(picture, graph, step) {
  const node = step.kind === "seed" ? graph.nodes[top(graph)] : step.node;
  const place = node && (picture.nodes[node.index].inBox || picture.nodes[node.index]), group = place && place.group;
  picture.cursor.style.display = group ? "" : "none";
  picture.svg.dataset.phase = step.kind;
  for (const bound of picture.edges) {
    const active = Boolean(node) && (bound.to === node.index && node.kind === "function" || bound.from === node.index && bound.edge.result);
    if (bound.line) bound.line.classList.toggle("active", active);
  }
  if (!group) return;
  const { frame } = place, margin = 7;
  const put = { x: frame.x - margin, y: frame.y - margin, width: frame.width + 2 * margin, height: frame.height + 2 * margin, rx: node.kind === "function" || "cell" in place && place.cell ? 10 : (frame.height + 2 * margin) / 2 };
  for (const [name, size] of Object.entries(put)) picture.cursor.style[name] = `${size}px`;
}
