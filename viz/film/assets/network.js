// The network: its compiled programs on many points, and the decisions of its outputs.

import { classOf } from "./decision.js";
import { unpacked } from "./plane.js";
import { climb, towerGradient } from "./tower.js";

/** @import { Dense, Figure, FilmData, Forward, GradientSum, Kit, Measured, Network, PointSet, Trainable } from "./types.js" */

/**
 * The network of the run, with the parameters of its frames.
 * @param {FilmData} data
 * @param {Forward} forward
 * @param {GradientSum | null} gradient
 * @param {Kit} kit
 * @returns {Network}
 */
export function makeNetwork(data, forward, gradient, kit) {
  const theta = unpacked(data.theta), count = data.parameters, { targets } = data, inputs = data.inputs.length;
  return {
    inputs, width: inputs + (targets.length ? targets[0].length : 1), parameters: count, columns: data.columns, targets, classes: targets.length,
    regression: !targets.length, ...(data.dense ? denseLoops(data, data.dense, kit) : { forward, gradient }), decision: data.decision, layers: data.layers, figures: [...(data.seen ? [data.seen] : []), ...data.layers],
    frames: data.epochs.map((_, index) => theta.subarray(index * count, (index + 1) * count)), epochs: data.epochs, history: data.history,
  };
}

/**
 * The loops of a recorded network of dense layers, which are fast for thousands of parameters.
 * @param {FilmData} data
 * @param {Dense} dense
 * @param {Kit} kit
 * @returns {{ tower: true, forward: Forward, gradient: GradientSum }}
 */
function denseLoops({ layers, decision, targets, inputs: { length: inputs } }, { activations, loss }, kit) {
  const width = inputs + (targets.length ? targets[0].length : 1), last = layers[layers.length - 1];
  const read = (/** @type {number} */ row, /** @type {Float64Array} */ rows, /** @type {Float64Array} */ first, /** @type {number} */ i, /** @type {number} */ n) => {
    for (let j = 0; j < inputs; j++) first[j * n + i] = rows[row + j];
  };
  return {
    tower: true,
    forward: (rows, n, theta, out) => {
      const first = new Float64Array(inputs * n);
      for (let i = 0; i < n; i++) read(inputs * i, rows, first, i, n);
      const levels = climb(layers, activations, kit.values, first, n, theta), scores = levels[layers.length].values;
      levels.slice(1).forEach(({ values }, depth) => out.set(values, layers[depth].at * n));
      out.set(scores, decision.at * n);
      if (loss !== "logits") return;
      kit.values.sigmoid(scores, scores.length, new Float64Array(0), out.subarray(last.at * n));
    },
    gradient: towerGradient(layers, activations, kit, loss === "logits" ? kit.logits : kit.losses[loss === "square" ? 1 : last.units], width, read),
  };
}

/**
 * Every unit of every layer, then the scores, of points (x, y)…: column j of point i at j·n + i.
 * @param {Network} network
 * @param {Float64Array} points
 * @param {Float64Array} theta
 */
export function outputsOf(network, points, theta) {
  const n = points.length / network.inputs, out = new Float64Array(network.columns * n);
  network.forward(points, n, theta, out);
  return out;
}

/**
 * The rows of a set of points for the gradient: x, y and the target.
 * @param {Trainable} network
 * @param {PointSet} set
 */
export function rowsOf(network, set) {
  const { width, inputs, regression, targets } = network, rows = new Float64Array(width * set.labels.length);
  set.labels.forEach((label, i) => {
    rows.set(set.points.subarray(inputs * i, inputs * (i + 1)), width * i);
    rows.set(regression ? [set.values[i]] : targets[label], width * i + inputs);
  });
  return rows;
}

/**
 * Mean loss and gradient over all rows, and the accuracy, at theta.
 * @param {Network} network
 * @param {PointSet} set
 * @param {Float64Array} theta
 * @returns {Measured}
 */
export function measure(network, set, theta) {
  const n = set.labels.length, sums = new Float64Array(1 + network.parameters), { at, count } = network.decision;
  const out = network.tower ? new Float64Array((at + count) * n) : outputsOf(network, set.points, theta);
  if (network.gradient && n) network.gradient(rowsOf(network, set), Int32Array.from({ length: n }, (_, i) => i), 0, n, theta, sums, network.tower ? out.subarray(at * n) : undefined);
  const right = network.regression ? undefined : set.labels.map((label, i) => classOf(network, out, n, i) === label);
  const accuracy = n && right ? right.filter(Boolean).length / n : NaN;
  if (!network.gradient || !n) return { loss: NaN, gradient: undefined, accuracy, right };
  const means = sums.map((sum) => sum / n);
  return { loss: means[0], gradient: means.subarray(1), accuracy, right, sums };
}

/**
 * Points of a layer in its picture: its two units, or for a wider layer its projection on two directions.
 * @param {Figure} layer
 * @param {Float64Array} out
 * @param {number} n
 * @returns {Float64Array}
 */
export function projected(layer, out, n) {
  const found = new Float64Array(2 * n), { at, units, centre, directions } = layer;
  for (let axis = 0; axis < 2; axis++) {
    for (let unit = 0; unit < units; unit++) {
      const share = directions[axis][unit];
      if (share === 0) continue;
      for (let i = 0; i < n; i++) found[2 * i + axis] += share * (out[(at + unit) * n + i] - centre[unit]);
    }
  }
  return found;
}
