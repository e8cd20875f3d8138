// The network: its compiled programs on many points, and the decisions of its outputs.

import { clamp, unpacked, zeroLine } from "./plane.js";
import { climb, towerGradient } from "./tower.js";

/** @import { Dense, Figure, FilmData, Forward, GradientSum, Kit, Measured, Network, PointSet } from "./types.js" */

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
      const levels = climb(layers, activations, kit, first, n, theta), scores = levels[layers.length].values;
      levels.slice(1).forEach(({ values }, depth) => out.set(values, layers[depth].at * n));
      out.set(scores, decision.at * n);
      if (loss !== "logits") return;
      const both = new Float64Array(2 * scores.length);
      kit.activations.sigmoid(scores, scores.length, new Float64Array(0), both);
      out.set(both.subarray(0, scores.length), last.at * n);
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
 * One column of outputs, without a copy.
 * @param {Float64Array} out
 * @param {number} j
 * @param {number} n
 */
export const column = (out, j, n) => out.subarray(j * n, (j + 1) * n);

/**
 * The score of class 1 relative to class 0, of two classes; the boundary is where it crosses 0.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 */
export function oddsOf(network, out, n) {
  const { kind, at, middle } = network.decision, first = column(out, at, n);
  if (kind === "one") return first.map((score) => score - middle);
  const second = column(out, at + 1, n);
  return first.map((score, i) => second[i] - score);
}

/**
 * Odds as a certainty: −1 for class 0, 1 for class 1, 0 at the boundary.
 * @param {Network} network
 * @param {number} odds
 */
export function surety(network, odds) {
  const { kind, half } = network.decision;
  if (kind === "one" && half > 0) return clamp(odds / half, -1, 1);
  return kind === "shares" ? clamp(odds, -1, 1) : Math.tanh(odds / 2);
}

/**
 * The class with the largest output for point i, and its distance to the second largest.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 * @param {number} i
 * @returns {[number, number]}
 */
export function winner(network, out, n, i) {
  const { at } = network.decision;
  let best = 0, other = -Infinity;
  for (let k = 1; k < network.classes; k++) {
    if (out[(at + k) * n + i] > out[(at + best) * n + i]) best = k;
  }
  for (let k = 0; k < network.classes; k++) {
    if (k !== best) other = Math.max(other, out[(at + k) * n + i]);
  }
  return [best, out[(at + best) * n + i] - other];
}

/**
 * The certainty of the largest probability: 0 where all are equal, 1 where it is 1.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 * @param {number} i
 * @param {number} best
 */
export function shareOfWinner(network, out, n, i, best) {
  const { at, kind } = network.decision, top = out[(at + best) * n + i], count = network.classes;
  let share = top;
  if (kind !== "shares") {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += Math.exp(out[(at + k) * n + i] - top);
    share = 1 / sum;
  }
  return clamp((share - 1 / count) / (1 - 1 / count), 0, 1);
}

/**
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 * @param {number} i
 */
function classOf(network, out, n, i) {
  if (network.classes > 2) return winner(network, out, n, i)[0];
  const { kind, at, middle } = network.decision;
  return kind === "one" ? +(out[at * n + i] > middle) : +(out[(at + 1) * n + i] > out[at * n + i]);
}

/**
 * The boundary between classes on a square of cells, as segments.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} cells
 * @returns {number[]}
 */
export function boundaryOf(network, out, cells) {
  const n = cells * cells;
  if (network.regression) { // level lines at the middle and half-way to both ends
    const { at, middle, half } = network.decision, answers = column(out, at, n);
    return [-0.5, 0, 0.5].flatMap((level) => zeroLine(answers.map((answer) => answer - middle - level * half), cells));
  }
  if (network.classes === 2) return zeroLine(oddsOf(network, out, n), cells);
  const lead = Array.from({ length: network.classes }, () => new Float64Array(n));
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < network.classes; k++) {
      let other = -Infinity;
      for (let j = 0; j < network.classes; j++) {
        if (j !== k) other = Math.max(other, out[(network.decision.at + j) * n + i]);
      }
      lead[k][i] = out[(network.decision.at + k) * n + i] - other;
    }
  }
  return lead.flatMap((values) => zeroLine(values, cells));
}

/**
 * The rows of a set of points for the gradient: x, y and the target.
 * @param {Network} network
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
 * The probabilities of the classes for n points, a column each: the softmax of the scores, or the outputs themselves.
 * @param {Network} network
 * @param {Float64Array} out
 * @param {number} n
 */
export function sharesOf(network, out, n) {
  const { at, kind } = network.decision, count = network.classes, found = out.slice(at * n, (at + count) * n);
  if (kind === "shares") return found;
  for (let i = 0; i < n; i++) {
    let most = -Infinity, sum = 0;
    for (let k = 0; k < count; k++) most = Math.max(most, found[k * n + i]);
    for (let k = 0; k < count; k++) sum += found[k * n + i] = Math.exp(found[k * n + i] - most);
    for (let k = 0; k < count; k++) found[k * n + i] /= sum;
  }
  return found;
}

/**
 * Probabilities as positions: for two classes (y₁, y₂), on a line; for more, between the corners of a polygon.
 * @param {Float64Array} shares
 * @param {number} count
 * @param {number} n
 */
export function placed(shares, count, n) {
  const found = new Float64Array(2 * n), corners = cornersOf(count);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < count; k++) {
      found[2 * i] += shares[k * n + i] * corners[k][0];
      found[2 * i + 1] += shares[k * n + i] * corners[k][1];
    }
  }
  return found;
}

/**
 * The position of a class with probability 1.
 * @param {number} count
 */
export function cornersOf(count) {
  if (count === 2) return [[1, 0], [0, 1]];
  return Array.from({ length: count }, (_, k) => { const turn = Math.PI / 2 + (2 * Math.PI * k) / count; return [Math.cos(turn), Math.sin(turn)]; });
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
