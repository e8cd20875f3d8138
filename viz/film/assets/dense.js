// Networks that the page builds: dense layers over chosen features of the plane. A layer is a product with a
// matrix; the derivatives of activations and losses come compiled from the table of primitives, as `kit`.

import { chance } from "./plane.js";

/** @import { Kit, Layer, Network, Recipe } from "./types.js" */

/** What may be fed in of a point (x₁, x₂): a name, and its number. */
/** @type {Record<string, (x: number, y: number) => number>} */
export const FEATURES = {
  "x₁": (x) => x,
  "x₂": (_, y) => y,
  "x₁²": (x) => x * x,
  "x₂²": (_, y) => y * y,
  "x₁x₂": (x, y) => x * y,
  "sin x₁": (x) => Math.sin(x),
  "sin x₂": (_, y) => Math.sin(y),
};

const NONE = new Float64Array(0);

/**
 * The network of a recipe, in the form of a recorded one: `forward` and `gradient` over rows (x₁, x₂, target).
 * @param {Recipe} recipe
 * @param {Kit} kit
 * @returns {Network}
 */
export function denseNetwork(recipe, kit) {
  const { features, classes, regression } = recipe, scores = regression ? 1 : classes;
  const shapes = [...recipe.layers, { units: scores, activation: "linear" }];
  /** @type {Layer[]} */
  const layers = [];
  let parameters = 0, columns = 0, inputs = features.length;
  for (const { units, activation } of shapes) {
    const weights = Array.from({ length: units }, (_, unit) => Array.from({ length: inputs }, (__, j) => parameters + unit * (inputs + 1) + j));
    const biases = weights.map((_, unit) => parameters + unit * (inputs + 1) + inputs), last = layers.length === shapes.length - 1;
    layers.push({
      title: `${units} ${last && !regression ? "softmax" : activation}`, activation: last && !regression ? "softmax" : activation, at: columns, units, inputs, weights, biases,
      bounded: ["tanh", "sigmoid", "sin"].includes(activation), stretched: units > 2, centre: weights.map(() => 0),
      directions: [0, 1].map((axis) => weights.map((_, unit) => Number(unit === axis))),
    });
    parameters += units * (inputs + 1);
    columns += units;
    inputs = units;
  }
  const at = columns - scores, pass = makePass(recipe, layers, kit);
  return {
    recipe, inputs: 2, width: 3, parameters, columns, layers, figures: layers, classes: regression ? 0 : classes, regression,
    targets: Array.from({ length: regression ? 0 : classes }, (_, label) => [label]),
    decision: regression ? { kind: "value", at, count: 1, middle: recipe.middle, half: recipe.half } : { kind: "classes", at, count: scores, middle: 0, half: 0 },
    forward: (rows, n, theta, out) => {
      const { levels } = pass(rows, 2, n, (i) => i, theta);
      levels.slice(1).forEach(({ values }, depth) => out.set(values, layers[depth].at * n));
    },
    gradient: (rows, chosen, from, to, theta, sums) => backward(pass(rows, 3, to - from, (i) => chosen[from + i], theta), rows, chosen, from, theta, sums, layers, kit, scores),
    frames: [], epochs: [0], history: { epoch: [], loss: [], accuracy: [], validation_loss: [], validation_accuracy: [] },
  };
}

/**
 * The forward pass over n rows: of each level its values, a column of n numbers per unit, and their slopes.
 * @param {Recipe} recipe
 * @param {Layer[]} layers
 * @param {Kit} kit
 */
function makePass({ features, layers: hidden }, layers, kit) {
  return (/** @type {Float64Array} */ rows, /** @type {number} */ width, /** @type {number} */ n, /** @type {(i: number) => number} */ rowOf, /** @type {Float64Array} */ theta) => {
    const first = new Float64Array(features.length * n);
    features.forEach((name, j) => {
      const feature = FEATURES[name];
      for (let i = 0; i < n; i++) { const row = width * rowOf(i); first[j * n + i] = feature(rows[row], rows[row + 1]); }
    });
    const levels = [{ values: first, slopes: NONE }];
    layers.forEach((layer, depth) => {
      const before = levels[depth].values, sums = new Float64Array(layer.units * n);
      for (let unit = 0; unit < layer.units; unit++) {
        const column = sums.subarray(unit * n, (unit + 1) * n).fill(theta[layer.biases[unit]]);
        for (let j = 0; j < layer.inputs; j++) {
          const weight = theta[layer.weights[unit][j]], offset = j * n;
          for (let i = 0; i < n; i++) column[i] += weight * before[offset + i];
        }
      }
      if (depth === hidden.length) { levels.push({ values: sums, slopes: NONE }); return; }
      const both = new Float64Array(2 * sums.length);
      kit.activations[hidden[depth].activation](sums, sums.length, NONE, both);
      levels.push({ values: both.subarray(0, sums.length), slopes: both.subarray(sums.length) });
    });
    return { levels, n };
  };
}

/**
 * Add the loss of the rows to sums[0] and its gradient behind it: from the last layer to the first.
 * @param {{ levels: { values: Float64Array, slopes: Float64Array }[], n: number }} pass
 * @param {Float64Array} rows
 * @param {Int32Array} chosen
 * @param {number} from
 * @param {Float64Array} theta
 * @param {Float64Array} sums
 * @param {Layer[]} layers
 * @param {Kit} kit
 * @param {number} scores
 */
function backward({ levels, n }, rows, chosen, from, theta, sums, layers, kit, scores) {
  const asked = new Float64Array((scores + 1) * n), told = new Float64Array((scores + 1) * n), last = levels[levels.length - 1].values;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < scores; k++) asked[i * (scores + 1) + k] = last[k * n + i];
    asked[i * (scores + 1) + scores] = rows[3 * chosen[from + i] + 2];
  }
  kit.losses[scores](asked, n, NONE, told);
  for (let i = 0; i < n; i++) sums[0] += told[i];
  let upstream = told.subarray(n);
  for (let depth = layers.length - 1; depth >= 0; depth--) {
    const layer = layers[depth], before = levels[depth].values, further = new Float64Array(depth ? before.length : 0);
    for (let unit = 0; unit < layer.units; unit++) {
      const column = upstream.subarray(unit * n, (unit + 1) * n);
      let bias = 0;
      for (let i = 0; i < n; i++) bias += column[i];
      sums[1 + layer.biases[unit]] += bias;
      for (let j = 0; j < layer.inputs; j++) {
        const place = layer.weights[unit][j], weight = theta[place], offset = j * n;
        let slope = 0;
        for (let i = 0; i < n; i++) slope += column[i] * before[offset + i];
        sums[1 + place] += slope;
        if (depth) for (let i = 0; i < n; i++) further[offset + i] += weight * column[i];
      }
    }
    if (depth) for (let i = 0; i < further.length; i++) further[i] *= levels[depth].slopes[i];
    upstream = further;
  }
}

/**
 * Weights to start from: uniform within √(6 / (inputs + units)), biases 0 (Glorot and Bengio 2010).
 * @param {Network} network
 * @param {number} seed
 */
export function freshTheta(network, seed) {
  const theta = new Float64Array(network.parameters), random = chance(seed);
  for (const layer of network.layers) {
    const reach = Math.sqrt(6 / (layer.inputs + layer.units));
    for (const row of layer.weights) for (const place of row) theta[place] = reach * (2 * random() - 1);
  }
  return theta;
}
