// The logic of the live page: order, gradients that arrive edge by edge, paths.

import assert from "node:assert/strict";
import { test } from "node:test";

import { gradientAfter, gradientOf, makeGraph, makeSteps, run, stateOf, valueOf } from "../../../viz/page/assets/graph.js";
import { rankedPaths } from "../../../viz/page/assets/paths.js";

// y = x · x + x, as viz/page/page.py writes it, with its program by hand.
/** @type {Parameters<typeof makeGraph>[0]} */
const DATA = {
  nodes: [
    { key: "v0", kind: "input", name: "x", label: "x" }, { key: "f1", kind: "function", fn: "mul", label: "×" },
    { key: "v1", kind: "result", name: "a", label: "" }, { key: "f2", kind: "function", fn: "add", label: "+" },
    { key: "v2", kind: "output", name: "y", label: "y" },
  ],
  edges: [
    { key: "f1-0", from: 0, to: 1, flow: "always" }, { key: "f1-1", from: 0, to: 1, flow: "always" },
    { key: "f2-0", from: 2, to: 3, flow: "always" }, { key: "f2-1", from: 0, to: 3, flow: "always" },
  ],
  results: [[1, [2]], [3, [4]]], leaves: [[0, 3]], outputs: [4],
};
const compiled = (/** @type {number} */ x) => [x, x * x, x * x + x, x, x, 1, 1, 2 * x + 1, 1, 1];

function loaded() {
  const graph = makeGraph(DATA);
  run(graph, compiled, []);
  return { graph, steps: makeSteps(graph) };
}

test("values and gradients are found by node", () => {
  const { graph } = loaded();
  assert.deepEqual([0, 2, 4].map((i) => valueOf(graph, graph.nodes[i])), [3, 9, 12]);
  assert.equal(gradientOf(graph, graph.nodes[0]), 7);
});

test("steps go forward, start from the output and come back", () => {
  const { steps } = loaded();
  assert.deepEqual(steps.map((step) => step.kind), ["start", "forward", "forward", "seed", "backward", "backward", "done"]);
});

test("a gradient grows edge by edge where a value is used more than once", () => {
  const { graph } = loaded(), x = graph.nodes[0];
  assert.deepEqual(gradientAfter(graph, x, 3).terms, []);
  assert.deepEqual(gradientAfter(graph, x, 4), { sum: 1, terms: [1], done: false });
  assert.deepEqual(gradientAfter(graph, x, 5), { sum: 7, terms: [1, 3, 3], done: true });
});

test("paths are ranked by the product of their local derivatives", () => {
  const { graph } = loaded(), { paths, count } = rankedPaths(graph, graph.nodes[0]);
  assert.equal(count, 3);
  assert.deepEqual(paths.map((path) => path.product), [3, 3, 1]);
});

test("a result that is not finite is said", () => {
  const { graph } = loaded();
  graph.inputs = [1e200];
  run(graph, compiled, []);
  assert.equal(stateOf(graph, graph.nodes[1]), "not finite");
});
