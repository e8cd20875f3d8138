// Values derived from the state of the page: numbers and layers at its parameters.

import { byId, inputById } from "../../web/assets/dom.js";
import { placed, sharesOf } from "./decision.js";
import { measure, outputsOf, projected } from "./network.js";
import { gridLines, lattice } from "./plane.js";
import { makeTrainer } from "./train.js";
import { tell } from "../../web/assets/language.js";

/** @import { Curve, Facts, Figure, Film, LayerView, Network, Now, PointSet } from "./types.js" */

export const LINES = 13;
export const STEPS = 41;
const SMALL = 600, LOOKED = 12;

export const inPlayground = () => byId("mode").getAttribute("aria-pressed") === "true";

/** @param {Film} app */
export const epochOf = (app) => app.network.epochs[app.frame] + (app.trainer ? app.trainer.epochs : 0);

/**
 * 1, 2, 5, 10 …, the run’s own, and at last all points.
 * @param {Film} app
 */
export function batchSizes(app) {
  const n = Math.max(1, app.set.labels.length), usual = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, app.data.optimizer.batch || 1];
  return [...new Set(usual)].filter((size) => size < n).sort((a, b) => a - b).concat(n);
}

/**
 * Points of the two inputs that are shown, with middle values of the others.
 * @param {Film} app
 * @param {Float64Array} pairs
 */
function filled(app, pairs) {
  const { network, axes, middle } = app, d = network.inputs;
  if (d === 2 && axes[0] === 0 && axes[1] === 1) return pairs;
  const n = pairs.length / 2, points = new Float64Array(d * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < d; j++) points[d * i + j] = middle[j];
    if (d > 1) points[d * i + axes[1]] = pairs[2 * i + 1];
    points[d * i + axes[0]] = pairs[2 * i];
  }
  return points;
}

/**
 * The extent of the plane: left, right, bottom, top.
 * @param {Film} app
 */
export const planeOf = (app) => [...app.extents[app.axes[0]], ...app.extents[app.network.inputs === 1 ? 1 : app.axes[1]]];

/**
 * Make the lattices of the plane again, for another network or other shown inputs.
 * @param {Film} app
 */
export function layPlane(app) {
  const { parameters } = app.network;
  app.extent = planeOf(app);
  app.cells = parameters > 3 * SMALL ? 36 : parameters > SMALL ? 48 : 80; // a large network is computed at fewer points
  app.plane = filled(app, lattice(app.extent, app.cells));
  app.grid = filled(app, gridLines(app.extent, LINES, STEPS));
}

/**
 * The position of a point on the plane, in units of the inputs.
 * @param {Film} app
 * @param {PointSet} set
 * @param {number} i
 * @returns {[number, number]}
 */
export function standing(app, set, i) {
  const { axes, network } = app, d = network.inputs, x = set.points[d * i + axes[0]];
  if (d > 1) return [x, set.points[d * i + axes[1]]];
  const [, , bottom, top] = app.extent;
  return [x, network.regression ? set.values[i] : bottom + (top - bottom) * (0.15 + 0.7 * ((i * 0.61803) % 1))];
}

/**
 * Current loss and accuracy: as recorded by the run for its points, else measured at these parameters.
 * @param {Film} app
 * @returns {Facts}
 */
export function measured(app) {
  const { history } = app.network, own = app.trainer || app.set !== app.recorded, at = own ? -1 : history.epoch.indexOf(app.network.epochs[app.frame]);
  const now = nowOf(app), pick = (/** @type {Curve} */ recorded, /** @type {number} */ measuredHere) => (at >= 0 ? recorded[at] ?? measuredHere : measuredHere);
  return {
    epoch: epochOf(app), loss: pick(history.loss, now.loss), accuracy: pick(history.accuracy, now.accuracy),
    validation_loss: pick(history.validation_loss, now.heldLoss), validation_accuracy: pick(history.validation_accuracy, now.heldAccuracy),
  };
}

const heldOf = (/** @type {Film} */ app) => (app.held ? app.held.points : undefined);

/**
 * What is measured at the current parameters and points.
 * @param {Film} app
 * @returns {Now}
 */
export function nowOf(app) {
  const { now, theta, set, trainer } = app, fresh = now && now.theta === theta && now.steps === (trainer ? trainer.steps : 0) && now.set === set.points && now.held === heldOf(app);
  return fresh ? now : renew(app);
}

/**
 * @param {Film} app
 * @returns {Now}
 */
export function renew(app) {
  const { network, held } = app, apart = held && held.labels.length ? measure(network, held, app.theta) : undefined;
  app.now = {
    ...measure(network, app.set, app.theta), theta: app.theta, steps: app.trainer ? app.trainer.steps : 0, set: app.set.points, held: heldOf(app),
    heldLoss: apart ? apart.loss : NaN, heldAccuracy: apart ? apart.accuracy : NaN, heldRight: apart ? apart.right : undefined,
  };
  return app.now;
}

/**
 * The figures of a network: each layer, and its probabilities if it has any.
 * @param {Network} network
 * @returns {Figure[]}
 */
export function figuresOf(network) {
  const { decision, classes, figures } = network, last = figures[figures.length - 1];
  if (classes < 2 || decision.kind === "one" || !last) return figures;
  const shares = { title: tell("output"), activation: "shares", at: -1, units: classes, bounded: true, stretched: false, centre: [], directions: [] };
  return [...figures, shares];
}

/**
 * @param {Film} app
 * @param {Float64Array} theta
 * @returns {LayerView[]}
 */
export function viewsOf(app, theta) {
  const { network, set } = app, n = set.labels.length, cells = app.grid.length / network.inputs;
  const grid = outputsOf(network, app.grid, theta), points = outputsOf(network, set.points, theta);
  return app.figures.map((layer) => ({
    grid: layer.activation === "shares" ? placed(sharesOf(network, grid, cells), network.classes, cells) : projected(layer, grid, cells),
    points: layer.activation === "shares" ? placed(sharesOf(network, points, n), network.classes, n) : projected(layer, points, n),
    lines: LINES, steps: STEPS, border: borderOf(network, layer),
  }));
}

/**
 * The window of every figure, fixed over the frames, so that movement and growth are visible: its centre, and half
 * its width and height. Training in the page may widen it.
 * @param {Film} app
 */
export function fixWindows(app) {
  const { frames } = app.network, every = Math.ceil(frames.length / LOOKED) || 1, chosen = frames.filter((_, i) => i % every === 0 || i === frames.length - 1);
  const views = chosen.map((theta) => viewsOf(app, theta));
  app.windows = app.figures.map((layer, k) => windowOf(layer, views.map((each) => each[k].points), app.network.classes));
}

/**
 * @param {Figure} layer
 * @param {Float64Array[]} sets
 * @param {number} classes
 * @returns {number[]}
 */
export function windowOf(layer, sets, classes) {
  if (layer.activation === "shares") return classes === 2 ? [0.5, 0.5, 0.66, 0.66] : [0, 0.1, 1.25, 1.25];
  if (layer.bounded && layer.units <= 2) return layer.activation === "sigmoid" ? [0.5, 0.5, 0.66, 0.66] : [0, 0, 1.2, 1.2];
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const seen of sets) {
    for (let i = 0; i < seen.length; i += 2) {
      if (!Number.isFinite(seen[i] + seen[i + 1])) continue;
      left = Math.min(left, seen[i]); right = Math.max(right, seen[i]);
      bottom = Math.min(bottom, seen[i + 1]); top = Math.max(top, seen[i + 1]);
    }
  }
  if (left > right) return [0, 0, 1, 1];
  const wide = 0.6 * Math.max(right - left, 1e-9), high = 0.6 * Math.max(top - bottom, 1e-9), both = Math.max(wide, high);
  return [(left + right) / 2, (bottom + top) / 2, ...(layer.stretched ? [wide, high] : [both, both])];
}

/**
 * Widen a window to the points outside it.
 * @param {number[]} frame
 * @param {Float64Array} points
 */
export function widened([x, y, wide, high], points) {
  let [right, top] = [wide, high];
  for (let i = 0; i < points.length; i += 2) {
    if (!Number.isFinite(points[i] + points[i + 1])) continue;
    right = Math.max(right, Math.abs(points[i] - x) * 1.04);
    top = Math.max(top, Math.abs(points[i + 1] - y) * 1.04);
  }
  return right === wide && top === high ? undefined : [x, y, right, top];
}

/**
 * In the picture of two scores the boundary is the diagonal, for one score a vertical line.
 * @param {Network} network
 * @param {Figure} layer
 * @returns {number[] | undefined}
 */
function borderOf(network, layer) {
  const { kind, middle, count } = network.decision, last = network.layers[network.layers.length - 1];
  if (layer.activation === "shares" && network.classes === 2) return [1, -1, 0];
  if (layer !== last || count !== layer.units || network.classes > 2 || network.regression) return undefined;
  if (kind === "one") return layer.activation === "sigmoid" ? [1, 0, -0.5] : [1, 0, -middle];
  return kind === "classes" ? [1, -1, 0] : undefined;
}


/** @param {Film} app */
export function trainerOf(app) {
  if (!app.trainer) {
    app.trainer = makeTrainer(app.network, app.theta, app.network.epochs[app.frame], app.set);
    app.theta = app.trainer.theta;
  }
  return app.trainer;
}

/** Whether each class is one colour, without shades. */
export const discrete = () => inputById("discrete").checked;
