// Training in the page: the compiled gradient and an optimiser, one step at a time.

import { rowsOf } from "./network.js";
import { makeOptimizer } from "./optimizers.js";
import { chance, shuffle } from "./plane.js";

/** @import { Network, PointSet, Settings, Trainer } from "./types.js" */

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
    sums: new Float64Array(1 + network.data.parameters), random: chance(7), trouble: "", rows: undefined,
    order: undefined, choice: undefined, optimize: undefined,
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
  if (trainer.choice !== settings.optimizer) { // another optimiser starts without memories
    trainer.choice = settings.optimizer;
    trainer.optimize = makeOptimizer(settings.optimizer);
  }
  trainer.optimize(theta, gradient, settings.rate);
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
