// Training in the page: the compiled gradient, stochastic descent or Adam, one step at a time.

import { rowsOf } from "./network.js";
import { chance, shuffle } from "./plane.js";

/** @import { Network, PointSet, Settings, Trainer } from "./types.js" */

const BETAS = [0.9, 0.999], EPSILON = 1e-8;

/**
 * Start from theta on a set of points; `settings` is read at every step, so that knobs act at once.
 * @param {Network} network
 * @param {Float64Array} theta
 * @param {number} epoch
 * @param {PointSet} set
 * @param {Settings} settings
 * @returns {Trainer}
 */
export function makeTrainer(network, theta, epoch, set, settings) {
  /** @type {Trainer} */
  const trainer = {
    network, settings, theta: Float64Array.from(theta), begun: epoch, epochs: 0, steps: 0, at: 0, lossSum: 0, loss: NaN,
    sums: new Float64Array(1 + network.data.parameters), random: chance(7), mean: undefined, squares: undefined, adamSteps: 0,
    trouble: "", rows: undefined, order: undefined,
  };
  feed(trainer, set);
  return trainer;
}

/**
 * Take other points, from the start of an epoch.
 * @param {Trainer} trainer
 * @param {PointSet} set
 */
export function feed(trainer, set) {
  trainer.rows = rowsOf(trainer.network, set);
  trainer.order = Int32Array.from(set.labels.keys());
  trainer.at = 0;
  trainer.lossSum = 0;
}

/**
 * One step on the next mini-batch. The points go in the given order where all are one batch.
 * @param {Trainer} trainer
 */
export function takeStep(trainer) {
  const { network, order, settings, sums, theta } = trainer, n = order.length;
  if (!n) { trainer.trouble = "There are no points: draw some, or take the recorded ones back."; return false; }
  if (trainer.at === 0 && settings.batch < n) shuffle(order, trainer.random);
  const from = trainer.at, to = Math.min(n, from + settings.batch);
  sums.fill(0);
  network.gradient(trainer.rows, order, from, to, theta, sums);
  const gradient = sums.subarray(1).map((sum, i) => sum / (to - from) + 2 * settings.penalty * theta[i]);
  if (!Number.isFinite(sums[0]) || gradient.some((slope) => !Number.isFinite(slope))) {
    trainer.trouble = "The loss or its gradient is not finite any more: lower the learning rate and go back to the recording.";
    return false;
  }
  trainer.trouble = "";
  (settings.optimizer === "Adam" ? adam : descend)(trainer, gradient);
  trainer.steps++;
  trainer.lossSum += sums[0];
  trainer.at = to;
  if (to === n) endEpoch(trainer);
  return true;
}

/** @param {Trainer} trainer */
function endEpoch(trainer) {
  trainer.epochs++;
  trainer.loss = trainer.lossSum / trainer.order.length;
  trainer.at = 0;
  trainer.lossSum = 0;
}

/**
 * @param {Trainer} trainer
 * @param {Float64Array} gradient
 */
function descend(trainer, gradient) {
  const { theta, settings } = trainer;
  for (let i = 0; i < theta.length; i++) theta[i] -= settings.rate * gradient[i];
}

/**
 * @param {Trainer} trainer
 * @param {Float64Array} gradient
 */
function adam(trainer, gradient) {
  const { theta, settings } = trainer, [first, second] = BETAS;
  trainer.mean ||= new Float64Array(theta.length);
  trainer.squares ||= new Float64Array(theta.length);
  const t = ++trainer.adamSteps, rate = settings.rate / (1 - first ** t), correction = Math.sqrt(1 - second ** t);
  for (let i = 0; i < theta.length; i++) {
    trainer.mean[i] = first * trainer.mean[i] + (1 - first) * gradient[i];
    trainer.squares[i] = second * trainer.squares[i] + (1 - second) * gradient[i] * gradient[i];
    theta[i] -= (rate * trainer.mean[i]) / (Math.sqrt(trainer.squares[i]) / correction + EPSILON);
  }
}
