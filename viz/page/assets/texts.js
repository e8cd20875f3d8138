// The texts of a drawing at a step: numbers, their products and sums, states, and constants in squares.

import { computed, contribution, flows, gradientAfter, gradientOf, localOf, pulled, shut, stateOf, valueOf } from "./graph.js";
import { change, gap } from "./nudge.js";
import { fit, write } from "./writing.js";
import { DASH, MINUS, because, number, signed, width } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Arrived, BoundText, DrawnEdge, Graph, GraphEdge, GraphNode, Picture } from "./types.js" */

const nothing = () => tell("no gradient\nflows here").replace("\n", " ");
const NUMBER = 12, NOTE = 9.5, WIDEST = 120;

/**
 * @typedef {{ picture: Picture, graph: Graph, step: number, gradient: (node: GraphNode) => Arrived }} Moment
 */

/**
 * @param {BoundText} each
 * @param {Moment} moment
 */
export function paintText(each, moment) {
  const { graph, picture } = moment;
  if (each.written) {
    const words = formulaOf(graph, each.written);
    fit(each.text, words, each.room ?? Infinity);
    write(each.text, words);
    return;
  }
  const node = nodeOf(graph, each);
  if (each.what === "state") write(each.text, node.forward <= moment.step ? tell(stateOf(graph, node)) : "");
  else if (each.what === "label") write(each.text, labelOf(graph, node, picture) || each.text.shown);
  else if (each.what === "value") paintValue(each, node, moment);
  else if (each.edge && !each.edge.result) paintUse(each, each.edge, moment);
  else paintGradient(each, node, moment);
}

/**
 * The node whose number a text shows: its own, or the one its edge leads from or makes.
 * @param {Graph} graph
 * @param {BoundText} each
 */
function nodeOf(graph, { node, edge, what }) {
  const index = edge ? (edge.result ? edge.to : edge.from) : node;
  if (index === undefined) throw new Error(`a text shows the ${what} of nothing`);
  return graph.nodes[index];
}

/**
 * @param {BoundText} each
 * @param {GraphNode} node
 * @param {Moment} moment
 */
function paintValue({ text, plain, bound }, node, { graph, step }) {
  const known = computed(graph, node, step), value = valueOf(graph, node);
  const words = graph.nudge ? change(graph.nudge.real[node.at]) : known ? number(value) : DASH;
  if (bound.room !== undefined && plain !== "value") fit(text, words, bound.room);
  const inside = plain !== "value";
  write(text, `${text.prefix}${words}`, known && !Number.isFinite(value) ? "warning-text" : inside ? plain : known ? "forward" : "muted");
}

/**
 * The gradient of a value, or the product or sum that gives it.
 * @param {BoundText} each
 * @param {GraphNode} node
 * @param {Moment} moment
 */
function paintGradient(each, node, { graph, step, gradient }) {
  const { text, what, pair, inBox } = each, sign = each.edge ? "" : "∂ ";
  if (graph.nudge) {
    if (what === "gradient") write(text, change(graph.nudge.predicted[node.at]), "gradient", gap(graph.nudge, node));
    else write(text, gap(graph.nudge, node).trim(), "muted");
    return;
  }
  const barred = !node.reached && step >= graph.seed;
  if (barred && pair) { sayNothing(each); return; }
  const arrived = gradient(node), why = whyOf(graph, node, step, arrived, Boolean(pair));
  if (what !== "gradient") { write(text, why, "muted"); return; }
  const sum = barred && inBox && node.kind === "parameter" ? 0 : arrived.sum; // behind a dead unit no gradient flows
  resize(each, NUMBER);
  write(text, `${sign}${number(sum)}`, inkOf(sum), why && ` ${why}`);
}

/**
 * The contribution of one use of a value, or the product that gives it.
 * @param {BoundText} each
 * @param {DrawnEdge} edge
 * @param {Moment} moment
 */
function paintUse(each, edge, { picture, graph, step }) {
  const { text, what, pair } = each, tail = graph.nodes[edge.from];
  if (graph.nudge) {
    const missed = gap(graph.nudge, tail);
    if (what === "gradient") write(text, change(graph.nudge.predicted[tail.at]), "gradient", missed);
    else write(text, missed.trim(), "muted");
    return;
  }
  const open = !shut(graph, edge, step), known = computed(graph, tail, step);
  if (!open && known && pair) { sayNothing(each); return; }
  const uses = usesOf(picture, edge), arrived = open ? sumOver(graph, uses, step) : undefined, why = arrived === undefined || uses.length > 1 ? "" : productOf(graph, edge);
  if (what === "over") write(text, why.replace(/^([=≈]) (.*)$/, "$2 $1"), "muted");
  else if (what === "why") write(text, why, "muted");
  else {
    resize(each, NUMBER);
    write(text, open || !known || text.prefix ? `${text.prefix}${number(arrived)}` : nothing(), open ? inkOf(arrived) : "muted", why && ` ${why}`);
  }
}

/**
 * The uses of a value that a line of a coarse picture represents.
 * @param {Picture} picture
 * @param {DrawnEdge} edge
 * @returns {DrawnEdge[]}
 */
function usesOf(picture, edge) {
  const keys = picture.view.sums && picture.view.sums[edge.key];
  return keys ? keys.flatMap((key) => picture.lines.get(key) ?? []) : [edge];
}

/**
 * The sum of the contributions of uses of a value by a step, undefined where there are none.
 * @param {Graph} graph
 * @param {GraphEdge[]} uses
 * @param {number} step
 */
function sumOver(graph, uses, step) {
  const terms = uses.flatMap((use) => pulled(graph, use, step) ? contribution(graph, use) ?? [] : []);
  return terms.length ? terms.reduce((a, b) => a + b, 0) : undefined;
}

/**
 * "no gradient / flows here", in the two places of a number and its product.
 * @param {BoundText} each
 */
function sayNothing(each) {
  resize(each, NOTE);
  const first = each.pair === "over" ? each.what === "over" : each.what === "gradient";
  write(each.text, tell("no gradient\nflows here").split("\n")[first ? 0 : 1], "muted");
}

/**
 * In the compact form a number is larger than a note in the same place.
 * @param {BoundText} each
 * @param {number} size
 */
function resize({ text, what, pair }, size) {
  if (!pair || what !== "gradient" || text.small === (size === NOTE)) return;
  text.small = size === NOTE;
  text.element.setAttribute("font-size", String(size));
  text.element.setAttribute("font-weight", size === NOTE ? "400" : "700");
}

/** @param {number | undefined} gradient */
const inkOf = (gradient) => gradient === undefined ? "muted" : Number.isFinite(gradient) ? "gradient" : "warning-text";

/**
 * The product or the sum of contributions that gives a gradient, with "…" while it is incomplete.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 * @param {Arrived} arrived
 * @param {boolean} brief
 */
function whyOf(graph, node, step, { sum, terms, done }, brief) {
  if (done && terms.length < 2) {
    const [edge] = node.adding.filter((each) => graph.nodes[each.to].reached && flows(graph, each));
    return brief && edge && terms.length ? productOf(graph, edge) : "";
  }
  if (!terms.length) return "";
  const uses = node.out.filter((each) => graph.nodes[each.to].reached && flows(graph, each) && pulled(graph, each, step));
  const ordered = [...terms.slice(0, terms.length - uses.length), ...uses.map((each) => contribution(graph, each))]; // in written order
  const written = ordered.map((term, i) => (i ? signed(term) : number(term))).join(" + ");
  const text = done ? because(sum, ordered, false, brief ? 24 : 60) : `= ${written} + …`;
  if (brief ? text.length <= 24 : width(text) * 10.5 <= WIDEST) return text;
  return done ? tell("= sum of {count}", { count: terms.length }) : tell("= sum of {count} so far", { count: terms.length });
}

/**
 * "= 10·1": upstream times the slope of the function, where it has one result.
 * @param {Graph} graph
 * @param {GraphEdge} edge
 */
function productOf(graph, edge) {
  const { results } = graph.nodes[edge.to], upstream = results.length === 1 ? gradientOf(graph, graph.nodes[results[0]]) : undefined;
  return upstream === undefined ? "" : because(contribution(graph, edge), [upstream, localOf(graph, edge, 0)], true);
}

/**
 * The formula of a box with its constants as they are now, a negative one in brackets unless it is the first operand.
 * @param {Graph} graph
 * @param {(string | number)[]} written
 */
function formulaOf(graph, written) {
  let said = "";
  for (const part of written) {
    const text = typeof part === "number" ? number(valueOf(graph, graph.nodes[part])) : part;
    said += typeof part === "number" && text.startsWith(MINUS) && /[^(,]\s*$/.test(said) && !said.endsWith(", ") ? `(${text})` : text;
  }
  return said;
}

/** @type {Record<string, string>} */
const INFIX = { add: "+", sub: MINUS, mul: "×", div: "÷" };

/**
 * "×1.1", "1 −", "max(·, 0)": a function with the constants in its square.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {Picture} picture
 */
export function labelOf(graph, node, picture) {
  const inside = (/** @type {GraphEdge} */ edge) => graph.nodes[edge.from].kind === "constant" && !picture.nodes[edge.from].group;
  const plain = node.into.filter(inside), sign = INFIX[node.fn];
  if (!plain.length || node.fn === "where") return "";
  const text = number(valueOf(graph, graph.nodes[plain[0].from]));
  if (!sign || node.into.length !== 2) return `${node.label}(${node.into.map((edge) => (inside(edge) ? number(valueOf(graph, graph.nodes[edge.from])) : "·")).join(", ")})`;
  if (plain[0] === node.into[1]) return text.startsWith(MINUS) ? `${sign}(${text})` : `${sign}${text}`;
  return node.fn === "add" || node.fn === "mul" ? `${text}${sign}` : `${text} ${sign}`;
}

/**
 * A gradient after a step, computed once.
 * @param {Graph} graph
 * @param {number} step
 * @returns {(node: GraphNode) => Arrived}
 */
export function gradientsAfter(graph, step) {
  /** @type {Arrived[]} */
  const after = [];
  return (node) => (after[node.at] ??= gradientAfter(graph, node, step));
}
