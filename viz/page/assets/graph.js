// The graph and its numbers: the computation and its order. No drawing here.

/** @import { Arrived, Compiled, Graph, GraphEdge, GraphNode, PageData, Step } from "./types.js" */

/**
 * Indices for the other functions: edges into and out of each node.
 * @param {Pick<PageData, "nodes" | "edges" | "results" | "leaves" | "outputs">} data
 * @returns {Graph}
 */
export function makeGraph(data) {
  const nodes = data.nodes.map((node, index) => /** @type {GraphNode} */ ({ fn: "", name: "", ...node, index, into: [], out: [], adding: [], results: [], maker: -1, place: 0, at: -1, reached: false, forward: Infinity }));
  /** @type {GraphEdge[]} */
  const edges = data.edges.map((edge, index) => ({ ...edge, index, at: 0 }));
  for (const edge of edges) {
    nodes[edge.to].into.push(edge);
    nodes[edge.from].out.push(edge);
  }
  for (const [maker, results] of data.results) {
    nodes[maker].results = results;
    results.forEach((result, place) => { nodes[result].maker = maker; nodes[result].place = place; });
  }
  // In the order in which the backward pass adds: last function first, its operands as written.
  for (const node of nodes) node.adding = node.out.slice().sort((a, b) => b.to - a.to || a.index - b.index);
  let at = 0;
  for (const node of nodes) if (node.kind !== "function") node.at = at++;
  for (const edge of edges) { edge.at = at; at += nodes[edge.to].results.length; }
  const recorded = data.leaves.map(([, number]) => Number(number));
  const leafOf = new Map(data.leaves.map(([node], index) => [node, index]));
  const graph = /** @type {Graph} */ ({ nodes, edges, leafOf, leaves: data.leaves.map(([node]) => node), outputs: data.outputs, recorded });
  // In the order of a reader's interest: inputs, then parameters, then constants.
  const rank = (/** @type {number} */ place) => ["input", "output", "parameter", "constant"].indexOf(nodes[graph.leaves[place]].kind);
  graph.leafOrder = graph.leaves.map((_, place) => place).sort((a, b) => rank(a) - rank(b) || a - b);
  graph.quantities = nodes.filter((node) => node.kind !== "function");
  graph.inputs = recorded.slice();
  graph.gradientsAt = at;
  graph.output = 0;
  return graph;
}

/**
 * Run the compiled program: one call gives every value, every local derivative and every gradient.
 * @param {Graph} graph
 * @param {Compiled | null} compiled
 * @param {number[]} fallback
 */
export function run(graph, compiled, fallback) {
  graph.numbers = compiled ? compiled(...graph.inputs) : fallback;
  mark(graph);
}

/** @param {Graph} graph */
export const top = (graph) => graph.outputs[graph.output];

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 */
export const valueOf = (graph, node) => graph.numbers[node.at];

/**
 * @param {Graph} graph
 * @param {GraphNode} node
 * @returns {number | undefined}
 */
export const gradientOf = (graph, node) =>
  node.reached ? graph.numbers[graph.gradientsAt + graph.output * graph.quantities.length + node.at] : undefined;

/**
 * @param {Graph} graph
 * @param {GraphEdge} edge
 * @param {number} place
 */
export const localOf = (graph, edge, place) => graph.numbers[edge.at + place];

/**
 * Whether a gradient passes an edge. Into a `where` that still chooses, only to the branch taken.
 * @param {Graph} graph
 * @param {GraphEdge} edge
 */
export const flows = (graph, edge) => edge.flow === "always" || edge.flow === "chosen" && graph.numbers[edge.at] === 1;

/**
 * Whether it is known that no gradient passes an edge: it is blocked, or does not reach the edge.
 * @param {Graph} graph
 * @param {GraphEdge} edge
 * @param {number} step
 */
export const shut = (graph, edge, step) => !flows(graph, edge) || (step >= graph.seed && !graph.nodes[edge.to].reached);

/**
 * Mark every node that the chosen output's gradient reaches: the others read "–", not 0.
 * @param {Graph} graph
 */
export function mark(graph) {
  for (const node of graph.nodes) node.reached = false;
  graph.nodes[top(graph)].reached = true;
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (node.kind === "function") node.reached = node.results.some((result) => graph.nodes[result].reached);
    else node.reached = node.reached || node.out.some((edge) => graph.nodes[edge.to].reached && flows(graph, edge));
  }
}

/**
 * The gradient along an edge into a function: Σ upstream · local over the function's results.
 * @param {Graph} graph
 * @param {GraphEdge} edge
 * @returns {number | undefined}
 */
export function contribution(graph, edge) {
  const maker = graph.nodes[edge.to];
  if (!maker.reached || !flows(graph, edge)) return undefined;
  /** @type {number | undefined} */
  let sum;
  maker.results.forEach((result, place) => {
    const upstream = gradientOf(graph, graph.nodes[result]);
    if (upstream !== undefined) sum = (sum ?? 0) + upstream * localOf(graph, edge, place);
  });
  return sum;
}

/**
 * The steps: the leaves, each function forward, the seed, each function the gradient passes
 * backward, and the whole picture.
 * @param {Graph} graph
 * @returns {Step[]}
 */
export function makeSteps(graph) {
  const functions = graph.nodes.filter((node) => node.kind === "function");
  /** @type {Step[]} */
  const steps = [{ kind: "start" }, ...functions.map((node) => /** @type {Step} */ ({ kind: "forward", node })), { kind: "seed" }];
  for (const node of functions.slice().reverse()) if (node.reached) steps.push({ kind: "backward", node });
  steps.push({ kind: "done" });
  steps.forEach((step, index) => { if (step.node) step.node[step.kind] = index; });
  for (const node of functions) if (!node.reached) node.backward = undefined;
  graph.seed = functions.length + 1;
  return steps;
}

/**
 * The place of a leaf among the inputs; undefined where the node is none.
 * @param {Graph} graph
 * @param {number | undefined} index
 */
export const placeOf = (graph, index) => index === undefined ? undefined : graph.leafOf.get(index);

/**
 * Whether a value, or the gradient that crosses an edge, is known after `step`.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 */
export const computed = (graph, node, step) => node.maker < 0 || graph.nodes[node.maker].forward <= step;

/**
 * @param {Graph} graph
 * @param {GraphEdge} edge
 * @param {number} step
 */
export const pulled = (graph, edge, step) => (graph.nodes[edge.to].backward ?? Infinity) <= step;

/**
 * The gradient of a value after `step`: {sum, terms, done}. It grows edge by edge at a fan-out.
 * @param {Graph} graph
 * @param {GraphNode} node
 * @param {number} step
 * @returns {Arrived}
 */
export function gradientAfter(graph, node, step) {
  if (!node.reached || step < graph.seed) return { sum: undefined, terms: [], done: false };
  /** @type {number[]} */
  const terms = [];
  if (node.index === top(graph)) terms.push(1);
  let waiting = 0;
  for (const edge of node.adding) {
    if (!graph.nodes[edge.to].reached || !flows(graph, edge)) continue;
    const term = pulled(graph, edge, step) ? contribution(graph, edge) : undefined;
    if (term === undefined) waiting++;
    else terms.push(term);
  }
  if (!waiting) return { sum: gradientOf(graph, node), terms, done: true };
  return { sum: terms.length ? terms.reduce((a, b) => a + b) : undefined, terms, done: false };
}

/**
 * The names of special states, the same as in viz/graph/values.py.
 * @param {Graph} graph
 * @param {GraphNode} node
 */
export function stateOf(graph, node) {
  const operands = node.into.map((edge) => valueOf(graph, graph.nodes[edge.from]));
  const results = node.results.map((result) => valueOf(graph, graph.nodes[result]));
  if (operands.every(Number.isFinite) && !results.every(Number.isFinite)) return "not finite";
  if (node.fn === "relu" && operands[0] <= 0) return "dead";
  if (["tanh", "sigmoid", "erf"].includes(node.fn) && Math.abs(localOf(graph, node.into[0], 0)) < 1e-2) return "saturated";
  return "";
}
