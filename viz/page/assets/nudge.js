// Nudge mode: one leaf changes by ε, and every number becomes a change: blue, the actual one; green, predicted by ∂.

import { byId, element, selectById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { flows, localOf, placeOf, top, valueOf } from "./graph.js";
import { nameOf } from "./words.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Compiled, Graph, GraphNode, Nudge } from "./types.js" */

/**
 * ∂v/∂leaf of every value v, by its index: the chain rule, from the leaf forward.
 * @param {Graph} graph
 * @param {number} leaf
 * @returns {number[]}
 */
export function tangentsFrom(graph, leaf) {
  const tangents = graph.quantities.map(() => 0);
  tangents[graph.nodes[leaf].at] = 1;
  for (const node of graph.nodes) {
    if (node.kind !== "function") continue;
    node.results.forEach((result, place) => {
      let sum = 0;
      for (const edge of node.into) {
        const tangent = tangents[graph.nodes[edge.from].at];
        if (tangent !== 0 && flows(graph, edge)) sum += tangent * localOf(graph, edge, place);
      }
      tangents[graph.nodes[result].at] = sum;
    });
  }
  return tangents;
}

/**
 * Change a leaf by epsilon: the change of every value, and the change that its derivative predicts.
 * @param {Graph} graph
 * @param {Compiled} compiled
 * @param {number} leaf a node
 * @param {number} epsilon
 * @returns {Nudge}
 */
export function pushed(graph, compiled, leaf, epsilon) {
  const tangents = tangentsFrom(graph, leaf), at = placeOf(graph, leaf), inputs = graph.inputs.map((x, place) => (place === at ? x + epsilon : x));
  const after = compiled(...inputs);
  return {
    leaf, epsilon,
    real: graph.quantities.map((node) => after[node.at] - valueOf(graph, node)),
    predicted: tangents.map((tangent) => tangent * epsilon),
  };
}

/**
 * A change as text, always with its sign.
 * @param {number} x
 */
export const change = (x) => (x > 0 ? `+${number(x)}` : number(x));

/**
 * Change the selected leaf again where the mode is on.
 * @param {App} app
 */
export function renewNudge(app) {
  const { graph } = app, on = byId("nudge").getAttribute("aria-pressed") === "true";
  if (app.selected !== undefined && graph.leafOf.has(app.selected)) app.pushing = app.selected;
  const { compiled } = app, leaf = app.pushing ?? graph.leaves[graph.leafOrder[0]];
  graph.nudge = !on || !compiled || leaf === undefined ? undefined : pushed(graph, compiled, leaf, Number(selectById("epsilon").value));
  byId("nudged").hidden = !graph.nudge;
  document.body.classList.toggle("nudging", Boolean(graph.nudge));
  if (graph.nudge) byId("nudged").replaceChildren(...outcome(graph, graph.nudge));
}

/**
 * The change of the output, and the error of the prediction.
 * @param {Graph} graph
 * @param {Nudge} nudge
 * @returns {(HTMLElement | string)[]}
 */
function outcome(graph, nudge) {
  const output = graph.nodes[top(graph)], real = nudge.real[output.at], predicted = nudge.predicted[output.at], name = graph.nodes[nudge.leaf].name;
  return [
    nameOf(name), tell(" is pushed by ε = {epsilon}. ", { epsilon: number(nudge.epsilon) }), nameOf(output.name), tell(" changes by "), element("b", "forward", change(real)), tell("; "),
    "∂", nameOf(output.name), "/∂", nameOf(name), tell(" · ε predicts "), element("b", "gradient", change(predicted)),
    tell(". The gap, {gap}, is the curvature: it shrinks with ε². ", { gap: change(real - predicted) }),
    element("span", "quiet", tell("Every blue number is now a change that happened, every green one what ∂ predicts. Select another input to push it.")),
  ];
}

/**
 * A note beside the prediction, where the printed numbers differ.
 * @param {Nudge} nudge
 * @param {GraphNode} node
 */
export function gap(nudge, node) {
  const real = nudge.real[node.at], predicted = nudge.predicted[node.at];
  return number(real) === number(predicted) ? "" : tell(" gap {gap}", { gap: change(real - predicted) });
}

/** @param {App} app */
export function listenToNudge(app) {
  const button = byId("nudge");
  button.hidden = !app.compiled || !app.graph.leaves.length;
  const toggle = () => {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    byId("epsilon-row").hidden = !on;
    if (on) app.go(app.steps.length - 1); // where every number is known
    app.update();
  };
  button.addEventListener("click", toggle);
  selectById("epsilon").addEventListener("change", () => app.update());
}
