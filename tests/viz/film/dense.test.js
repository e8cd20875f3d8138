// Networks that the page builds: their gradient against differences, with derivatives by hand for two activations.

import assert from "node:assert/strict";
import { test } from "node:test";

import { denseNetwork, freshTheta } from "../../../viz/film/assets/dense.js";
import { rowsOf } from "../../../viz/film/assets/network.js";
import { makeSet } from "../../../viz/film/assets/points.js";

/** @import { Forward, Kit } from "../../../viz/film/assets/types.js" */

/** @type {(f: (x: number) => number, slope: (x: number) => number) => Forward} */
const filling = (f, slope) => (rows, n, _, out) => { for (let i = 0; i < n; i++) { out[i] = f(rows[i]); out[n + i] = slope(rows[i]); } };
/** @type {Kit} */
const kit = {
  activations: { tanh: filling(Math.tanh, (x) => 1 - Math.tanh(x) ** 2), linear: filling((x) => x, () => 1) },
  values: { tanh: (rows, n, _, out) => { for (let i = 0; i < n; i++) out[i] = Math.tanh(rows[i]); }, linear: (rows, n, _, out) => out.set(rows.subarray(0, n)) },
  losses: { 1: (rows, n, _, out) => { for (let i = 0; i < n; i++) { const gap = rows[2 * i] - rows[2 * i + 1]; out[i] = gap * gap; out[n + i] = 2 * gap; } } },
  logits: () => assert.fail("no network here has logits"),
};
const recipe = { features: ["x₁", "x₁x₂", "sin x₂"], layers: [{ units: 3, activation: "tanh" }, { units: 2, activation: "linear" }], classes: 0, regression: true, middle: 0, half: 1 };

test("the gradient is that of the loss", () => {
  const network = denseNetwork(recipe, kit), theta = freshTheta(network, 5), set = makeSet([0.3, -0.7, 1.1, 0.4], [0, 0], [0.5, -1]);
  const rows = rowsOf(network, set), order = Int32Array.of(1, 0);
  const sums = (/** @type {Float64Array} */ at) => { const found = new Float64Array(1 + network.parameters); assert.ok(network.gradient); network.gradient(rows, order, 0, 2, at, found); return found; };
  const found = sums(theta);
  for (let i = 0; i < theta.length; i++) {
    const moved = (/** @type {number} */ by) => { const other = theta.slice(); other[i] += by; return sums(other)[0]; };
    assert.ok(Math.abs((moved(1e-5) - moved(-1e-5)) / 2e-5 - found[1 + i]) < 1e-7);
  }
});

test("every parameter has one place", () => {
  const network = denseNetwork(recipe, kit), places = network.layers.flatMap((layer) => [...layer.weights.flat(), ...layer.biases]);
  assert.deepEqual(places.sort((a, b) => a - b), Array.from({ length: network.parameters }, (_, i) => i));
});

test("all units of all layers are put out", () => {
  const network = denseNetwork(recipe, kit), out = new Float64Array(network.columns * 2);
  network.forward(Float64Array.of(0.3, -0.7, 1.1, 0.4), 2, freshTheta(network, 5), out);
  assert.ok(out.every((x) => x !== 0 && Number.isFinite(x)));
});
