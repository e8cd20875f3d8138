// Networks that the page builds: dense layers over chosen features of the plane.

import { chance } from "./plane.js";
import { climb, towerGradient } from "./tower.js";

/** @import { Kit, Layer, Network, Recipe } from "./types.js" */

/** The possible features of a point (x₁, x₂): name → number. */
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
  const at = columns - scores, activations = recipe.layers.map(({ activation }) => activation), chosen = features.map((name) => FEATURES[name]);
  const read = (/** @type {number} */ row, /** @type {Float64Array} */ rows, /** @type {Float64Array} */ first, /** @type {number} */ i, /** @type {number} */ n) => {
    for (let j = 0; j < chosen.length; j++) first[j * n + i] = chosen[j](rows[row], rows[row + 1]);
  };
  return {
    recipe, inputs: 2, width: 3, parameters, columns, layers, figures: layers, classes: regression ? 0 : classes, regression,
    targets: Array.from({ length: regression ? 0 : classes }, (_, label) => [label]),
    decision: regression ? { kind: "value", at, count: 1, middle: recipe.middle, half: recipe.half } : { kind: "classes", at, count: scores, middle: 0, half: 0 },
    tower: true,
    forward: (rows, n, theta, out) => {
      const first = new Float64Array(features.length * n);
      for (let i = 0; i < n; i++) read(2 * i, rows, first, i, n);
      climb(layers, activations, kit.values, first, n, theta).slice(1).forEach(({ values }, depth) => out.set(values, layers[depth].at * n));
    },
    gradient: towerGradient(layers, activations, kit, kit.losses[scores], 3, read),
    frames: [], epochs: [0], history: { epoch: [], loss: [], accuracy: [], validation_loss: [], validation_accuracy: [] },
  };
}

/**
 * Initial weights: uniform within √(6 / (inputs + units)), biases 0 (Glorot and Bengio 2010).
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
