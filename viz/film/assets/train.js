// Training in the page: a gradient and an optimiser, one step at a time. The state of a trainer is plain data, so
// that the page and a worker can continue each other's training.

import { rowsOf } from "./network.js";
import { makeMemory, stepDown } from "./optimizers.js";
import { chance, shuffle } from "./plane.js";
import { tell } from "../../web/assets/language.js";

/** @import { PointSet, Settings, Trainable, Trainer } from "./types.js" */

const SEED = 7;
let made = 0;

/**
 * Start from theta on a set of points.
 * @param {Trainable} network
 * @param {Float64Array} theta
 * @param {number} epoch
 * @param {PointSet} set
 * @returns {Trainer}
 */
export function makeTrainer(network, theta, epoch, set) {
  /** @type {Trainer} */
  const trainer = { id: ++made, theta: Float64Array.from(theta), begun: epoch, epochs: 0, steps: 0, at: 0, lossSum: 0, loss: NaN, trouble: "", rows: new Float64Array(0), order: new Int32Array(0), memory: undefined };
  feed(network, trainer, set);
  return trainer;
}

/**
 * Take other points, from the start of an epoch.
 * @param {Trainable} network
 * @param {Trainer} trainer
 * @param {PointSet} set
 */
export function feed(network, trainer, set) {
  trainer.rows = rowsOf(network, set);
  trainer.order = Int32Array.from(set.labels.keys());
  trainer.at = 0;
  trainer.lossSum = 0;
  trainer.ahead = undefined;
}

/**
 * One step on the next mini-batch; false where there is none. With one batch the points are in the given order. The settings
 * are read at every step, so that changes take effect at once.
 * @param {Trainable} network
 * @param {Trainer} trainer
 * @param {Settings} settings
 */
export function takeStep(network, trainer, settings) {
  const { order, theta } = trainer, n = order.length, { optimizer, rate, batch, l1, l2 } = settings;
  if (!n) { trainer.trouble = tell("There are no points: draw some, or take the recorded ones back."); return false; }
  if (trainer.at === 0 && batch < n) shuffle(order, chance(SEED + trainer.epochs));
  const from = trainer.at, to = Math.min(n, from + batch), known = trainer.ahead;
  let sums = known && known.steps === trainer.steps && to - from === n ? known.sums : undefined;
  if (!sums) {
    if (!network.gradient) throw new TypeError("this network has no gradient, so it cannot be trained");
    network.gradient(trainer.rows, order, from, to, theta, sums = new Float64Array(1 + network.parameters));
  }
  trainer.ahead = undefined;
  const gradient = sums.subarray(1).map((sum, i) => sum / (to - from) + 2 * l2 * theta[i] + l1 * Math.sign(theta[i]));
  if (!Number.isFinite(sums[0]) || gradient.some((slope) => !Number.isFinite(slope))) {
    trainer.trouble = tell("The loss or its gradient is not finite any more: lower the learning rate and go back to the recording.");
    return false;
  }
  trainer.trouble = "";
  if (!trainer.memory || trainer.memory.name !== optimizer.name) trainer.memory = makeMemory(optimizer, theta.length); // another optimiser starts with a new state
  stepDown(optimizer, trainer.memory, theta, gradient, rate);
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
 * Take steps for the given time, at most one epoch; false where training has ended.
 * @param {Trainable} network
 * @param {Trainer} trainer
 * @param {Settings} settings
 * @param {number} until an epoch
 * @param {number} budget in milliseconds
 */
export function trainUntil(network, trainer, settings, until, budget) {
  const started = performance.now();
  while (trainer.epochs < until && performance.now() - started < budget) {
    if (!takeStep(network, trainer, settings)) return false;
  }
  return true;
}
