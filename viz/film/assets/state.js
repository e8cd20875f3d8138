// What follows from the state of the page: numbers at these parameters, layers seen at them.

import { measure, outputsOf, projected } from "./network.js";
import { makeTrainer } from "./train.js";
import { buttonById } from "../../web/assets/dom.js";

/** @import { Facts, Figure, Film, LayerView, Network, Now } from "./types.js" */

// ---------------------------------------------------------------- knobs

/**
 * 1, 2, 5, 10 …, the run’s own, and at last all points.
 * @param {Film} app
 */
export function batchSizes(app) {
  const n = Math.max(1, app.set.labels.length), usual = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, app.data.optimizer.batch || 1];
  return [...new Set(usual)].filter((size) => size < n).sort((a, b) => a - b).concat(n);
}
export const LINES = 13;
export const STEPS = 41;
export const FRAMES_A_SECOND = 10;
export const BUDGET = 14;
export const SMALL = 600;

/** @param {Film} app */
export const epochOf = (app) => app.data.epochs[app.frame] + (app.trainer ? app.trainer.epochs : 0);

/**
 * Loss and accuracy here: what the run recorded where it did, else measured at these parameters.
 * @param {Film} app
 * @returns {Facts}
 */
export function measured(app) {
  const { history } = app.data, at = app.trainer ? -1 : history.epoch.indexOf(app.data.epochs[app.frame]);
  const now = app.now && app.now.theta === app.theta && app.now.steps === (app.trainer ? app.trainer.steps : 0) && app.now.set === app.set.points ? app.now : renew(app);
  const pick = (recorded, own) => (at >= 0 && recorded[at] !== null ? recorded[at] : own);
  return { epoch: epochOf(app), loss: pick(history.loss, now.loss), accuracy: pick(history.accuracy, now.accuracy) };
}

/**
 * @param {Film} app
 * @returns {Now}
 */
export function renew(app) {
  app.now = { ...measure(app.network, app.set, app.theta), theta: app.theta, steps: app.trainer ? app.trainer.steps : 0, set: app.set.points };
  return app.now;
}

/**
 * @param {Film} app
 * @param {Float64Array} theta
 * @returns {LayerView[]}
 */
export function viewsOf(app, theta) {
  const { network } = app, grid = outputsOf(network, app.grid, theta), points = outputsOf(network, app.set.points, theta);
  return network.figures.map((layer) => ({
    grid: projected(layer, grid, app.grid.length / 2), points: projected(layer, points, app.set.labels.length),
    lines: LINES, steps: STEPS, border: borderOf(network, layer),
  }));
}

/**
 * In the picture of two scores the boundary is their diagonal, of one score an upright line.
 * @param {Network} network
 * @param {Figure} layer
 * @returns {number[] | undefined}
 */
function borderOf(network, layer) {
  const { kind, middle, count } = network.decision, last = network.layers[network.layers.length - 1];
  if (layer !== last || count !== layer.units || network.classes > 2) return undefined;
  if (kind === "one") return layer.activation === "sigmoid" ? [1, 0, -0.5] : [1, 0, -middle];
  return kind === "classes" ? [1, -1, 0] : undefined;
}
export const inPlayground = () => buttonById("mode").getAttribute("aria-pressed") === "true";

/** @param {Film} app */
export function trainerOf(app) {
  if (!app.trainer) {
    app.trainer = makeTrainer(app.network, app.theta, app.data.epochs[app.frame], app.set, app.settings);
    app.theta = app.trainer.theta;
  }
  return app.trainer;
}
