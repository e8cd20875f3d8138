// The step in words and numbers: forward, the seed, backward, and the result.

import { contribution, flows, gradientAfter, gradientOf, localOf, stateOf, top, valueOf } from "./graph.js";
import { MOST_ROWS, list } from "./node-panel.js";
import { derivative, forward, gradientText, nameOf, slope } from "./words.js";
import { byId, element } from "../../web/assets/dom.js";
import { ATOM, MINUS, number, printed, relation, signed, written } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Arrived, Graph, GraphEdge, GraphNode, Step } from "./types.js" */

/** @param {App} app */
export function titleOf(app) {
  const { step, steps, graph } = app, at = steps[step];
  if (!at.node) return { start: tell("Start"), seed: tell("Backward · start"), done: tell("Complete") }[at.kind];
  if (at.kind === "forward") return tell("Forward {step} of {count} · {name}", { step, count: graph.seed - 1, name: at.node.fn });
  return tell("Backward {step} of {count} · {name}", { step: step - graph.seed, count: steps.length - 2 - graph.seed, name: at.node.fn });
}

/** @param {App} app */
export function showStep(app) {
  const { graph, step } = app, at = app.steps[step];
  byId("step-title").textContent = titleOf(app);
  byId("step").replaceChildren(...linesOf(graph, at, step));
}

/**
 * @param {Graph} graph
 * @param {Step} at
 * @param {number} step its place
 */
function linesOf(graph, at, step) {
  if (at.kind === "forward") return forwardLines(graph, at.node);
  if (at.kind === "backward") return backwardLines(graph, at.node, step);
  return { start: startLines, seed: seedLines, done: doneLines }[at.kind](graph);
}

/** @param {Graph} graph */
function startLines(graph) {
  const given = graph.leafOrder.map((place) => graph.nodes[graph.leaves[place]]).filter((node) => node.kind !== "constant");
  const few = given.slice(0, 8).map((node) => element("p", "formula", nameOf(node.name), " = ", forward(valueOf(graph, node))));
  const more = given.length > 8 ? [element("p", "quiet", tell("… and {count} more", { count: given.length - 8 }))] : [];
  return [element("p", "quiet", tell("Only the inputs are known.")), ...few, ...more];
}

/**
 * c = a × b = 3 × 5 = 15
 * @param {Graph} graph
 * @param {GraphNode} node
 */
function forwardLines(graph, node) {
  const tails = node.into.map((edge) => graph.nodes[edge.from]);
  const symbols = written(node.fn, node.label, tails.map((tail) => ({ text: tail.name, rank: ATOM })));
  const numbers = written(node.fn, node.label, tails.map((tail) => operand(valueOf(graph, tail))));
  const lines = node.results.map((index, place) => {
    const result = graph.nodes[index], pick = node.results.length > 1 ? `[${place}]` : "";
    const names = new Set(tails.map((tail) => tail.name));
    const line = element("p", "formula", nameOf(result.name), " = ", ...symbols.map((part) => names.has(part) ? nameOf(part) : part), pick);
    if (!pick && symbols.join("") !== numbers.join("")) line.append(" = ", element("span", "muted", numbers.join("")));
    line.append(` ${pick ? "=" : signOf(graph, node, tails.map((tail) => valueOf(graph, tail)), valueOf(graph, result))} `, forward(valueOf(graph, result)));
    return line;
  });
  const state = stateOf(graph, node);
  return state ? [...lines, element("p", "quiet", STATES[state]())] : lines;
}
/** @type {Record<string, (...operands: number[]) => number>} */
const INFIX = { add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b };

/**
 * "=" where the function of the printed operands gives the printed result, "≈" where it does not or that is unknown.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number[]} operands
 * @param {number} result
 */
function signOf(graph, node, operands, result) {
  /** @type {((...operands: number[]) => number) | false} */
  const f = INFIX[node.fn] || (operands.length === 1 && graph.curves[`${node.fn} ${node.label}`]);
  const seen = operands.map(printed);
  if (seen.every((x, i) => Object.is(x, operands[i]) || (Number.isNaN(x) && Number.isNaN(operands[i])))) return "=";
  return f && number(Number(f(...seen))) === number(result) ? "=" : "≈";
}
const STATES = {
  dead: () => tell("Dead: its input is not above 0, so no gradient passes."),
  saturated: () => tell("Saturated: its slope is below 0.01, so almost no gradient passes."),
  "not finite": () => tell("The result is not a finite number, though its operands are."),
};

/**
 * @param {number} x
 * @returns {{ text: string, rank: number }}
 */
const operand = (x) => ({ text: number(x), rank: number(x).startsWith(MINUS) ? 0 : ATOM });

/** @param {Graph} graph */
function seedLines(graph) {
  const { name } = graph.nodes[top(graph)];
  return [
    element("p", "formula", derivative(name, name), " = ", gradientText(1)),
    element("p", "quiet", tell("The output changes one for one with itself: the backward pass starts from 1.")),
  ];
}

/**
 * ∂L/∂a += ∂L/∂c · ∂c/∂a = 10 · 1 = 10, and where several meet, the sum so far.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 */
function backwardLines(graph, node, step) {
  const asked = node.into.filter((edge) => graph.nodes[edge.from].kind !== "constant");
  const lines = asked.flatMap((edge) => {
    const tail = graph.nodes[edge.from];
    if (!flows(graph, edge)) {
      const why = edge.flow === "never" && node.fn !== "where" ? tell(" depends on it in no way a slope could show: no gradient flows.") : tell(" was not taken: no gradient flows.");
      return [element("p", "quiet", nameOf(tail.name), why)];
    }
    return [contributionLine(graph, node, edge, tail)];
  });
  for (const tail of new Set(asked.map((edge) => graph.nodes[edge.from]))) {
    const sum = gradientAfter(graph, tail, step);
    if (sum.terms.length > 1 || !sum.done && sum.terms.length) lines.push(sumLine(graph, tail, sum));
  }
  return lines.length ? lines : [element("p", "quiet", tell("Its operands are constants: nobody asks for their gradients."))];
}

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {GraphEdge} edge
 * @param {GraphNode} tail
 */
function contributionLine(graph, node, edge, tail) {
  const output = graph.nodes[top(graph)].name, line = element("p", "formula", derivative(output, tail.name), " += ");
  const reached = node.results.map((index, place) => ({ result: graph.nodes[index], place })).filter(({ result }) => result.reached);
  const few = reached.slice(0, 3);
  few.forEach(({ result }, i) => line.append(i ? " + " : "", derivative(output, result.name), " · ", slope(result.name, tail.name)));
  if (few.length < reached.length) line.append(" + …");
  line.append(" = ");
  few.forEach(({ result, place }, i) => line.append(i ? " + " : "", gradientText(0, signed(gradientOf(graph, result))), " · ", element("span", "local", signed(localOf(graph, edge, place)))));
  if (few.length < reached.length) line.append(" + …");
  const products = reached.map(({ result, place }) => printed(gradientOf(graph, result)) * printed(localOf(graph, edge, place)));
  line.append(` ${relation(contribution(graph, edge), [products.reduce((a, b) => a + b, 0)])} `, gradientText(contribution(graph, edge)));
  return line;
}

/**
 * @param {Graph} graph
 * @param {GraphNode} tail
 * @param {Arrived} arrived
 */
function sumLine(graph, tail, { sum, terms, done }) {
  const output = graph.nodes[top(graph)].name, shown = terms.slice(-6);
  const line = element("p", "formula sum", derivative(output, tail.name), " = ", terms.length > 6 ? "… + " : "");
  if (terms.length > 1) line.append(shown.map((term, i) => i ? signed(term) : number(term)).join(" + "), ` ${terms.length > 6 ? "=" : relation(sum, shown)} `);
  line.append(gradientText(sum), done ? "" : element("span", "quiet", tell("  so far, more to come")));
  return line;
}

/**
 * The result: the output, and the gradient of each input.
 * @param {Graph} graph
 */
function doneLines(graph) {
  const outputs = graph.outputs.slice(0, MOST_ROWS).map((index) => element("p", "formula", nameOf(graph.nodes[index].name), " = ", forward(valueOf(graph, graph.nodes[index]))));
  const asked = graph.leafOrder.map((place) => graph.nodes[graph.leaves[place]]).filter((node) => node.kind !== "constant");
  const rows = asked.map((node) => element("li", "", derivative(graph.nodes[top(graph)].name, node.name), " = ", gradientText(gradientOf(graph, node))));
  return [...outputs, list(rows)];
}
