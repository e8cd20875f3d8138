// One step of training at a time, on a loss whose gradient is known: (θ₀ − x)² + (θ₁ − y)².

import assert from "node:assert/strict";
import { test } from "node:test";

import { CHOICES, choicesOf, inWords } from "../../../viz/film/assets/optimizers.js";
import { makeSet } from "../../../viz/film/assets/points.js";
import { makeTrainer, takeStep } from "../../../viz/film/assets/train.js";

/** @import { OptimizerChoice, Settings, Trainable } from "../../../viz/film/assets/types.js" */

/** @type {Trainable} */
const network = {
  inputs: 2, parameters: 2, targets: [[0]], width: 3, regression: false,
  gradient: (rows, chosen, from, to, theta, sums) => {
    for (let i = from; i < to; i++) {
      const [x, y] = [rows[3 * chosen[i]], rows[3 * chosen[i] + 1]];
      sums[0] += (theta[0] - x) ** 2 + (theta[1] - y) ** 2;
      sums[1] += 2 * (theta[0] - x);
      sums[2] += 2 * (theta[1] - y);
    }
  },
};

const choice = (/** @type {string} */ name) => /** @type {OptimizerChoice} */ (CHOICES.find((each) => each.name === name));
/** @param {Partial<Settings> & { optimizer: OptimizerChoice }} settings @param {number} steps @param {number[]} [points] */
const trained = (settings, steps, points = [1, 2]) => {
  const set = makeSet(points, points.filter((_, i) => i % 2).map(() => 0));
  const trainer = makeTrainer(network, Float64Array.of(0, 0), 0, set), all = { rate: 0.1, batch: 10, l1: 0, l2: 0, ...settings };
  for (let i = 0; i < steps; i++) takeStep(network, trainer, all);
  return trainer;
};

test("plain descent takes the rate times the slope", () => {
  assert.deepEqual([...trained({ optimizer: choice("SGD") }, 1).theta], [0.2, 0.4]);
});

test("an epoch ends after its last batch", () => {
  const trainer = trained({ optimizer: choice("SGD"), batch: 2 }, 3, [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([trainer.epochs, trainer.steps, trainer.at], [1, 3, 2]);
});

test("Adam's first step is the rate, whatever the size of the slope", () => {
  assert.ok([...trained({ optimizer: choice("Adam") }, 1).theta].every((x) => Math.abs(x - 0.1) < 1e-6));
});

test("a network without a gradient cannot be trained", () => {
  const set = makeSet([1, 2], [0]), still = { ...network, gradient: null }, trainer = makeTrainer(still, Float64Array.of(0, 0), 0, set);
  assert.throws(() => takeStep(still, trainer, { rate: 0.1, batch: 1, l1: 0, l2: 0, optimizer: choice("SGD") }), /this network has no gradient, so it cannot be trained/);
});

test("what is not finite stops and is said", () => {
  const trainer = trained({ optimizer: choice("SGD"), rate: 1e200 }, 5);
  assert.match(trainer.trouble, /not finite any more: lower the learning rate/);
  assert.ok(trainer.theta.every(Number.isFinite));
});

test("without points there is nothing to do", () => {
  assert.match(trained({ optimizer: choice("SGD") }, 1, []).trouble, /There are no points/);
});

test("the run's own optimiser is chosen, with its settings", () => {
  const { choices, chosen } = choicesOf("SGD", { momentum: 0.7, nesterov: false, weight_decay: 0.1 });
  assert.equal(chosen, "Momentum");
  assert.equal(inWords(choices[1].options), "momentum 0.7 · weight decay 0.1");
  assert.equal(choicesOf("Mine", {}).chosen, "");
  assert.equal(inWords(choice("Adam").options), "β 0.9, 0.999 · epsilon 1e-8");
});

test("another optimiser starts without memories", () => {
  const trainer = trained({ optimizer: choice("Momentum") }, 2), [before] = trainer.theta;
  takeStep(network, trainer, { rate: 0.1, batch: 10, l1: 0, l2: 0, optimizer: choice("SGD") });
  assert.ok(Math.abs(trainer.theta[0] - (before - 0.1 * 2 * (before - 1))) < 1e-12);
});

test("penalties pull towards 0: L2 by the size, L1 by the sign", () => {
  const at = (/** @type {Partial<Settings>} */ settings) => { const trainer = trained({ optimizer: choice("SGD"), rate: 0 }, 0, [0, 0]); trainer.theta.set([2, -2]); takeStep(network, trainer, { rate: 1, batch: 9, l1: 0, l2: 0, optimizer: choice("SGD"), ...settings }); return [...trainer.theta]; };
  const plain = at({});
  assert.deepEqual(at({ l2: 0.25 }).map((x, i) => x - plain[i]), [-1, 1]);
  assert.deepEqual(at({ l1: 0.5 }).map((x, i) => x - plain[i]), [-0.5, 0.5]);
});

test("a trainer is plain data: a copy goes on to the same numbers", () => {
  const settings = { optimizer: choice("Adam"), batch: 2 }, points = [1, 2, 3, 4, 5, 6], whole = trained(settings, 7, points), half = structuredClone(trained(settings, 4, points));
  for (let i = 0; i < 3; i++) takeStep(network, half, { rate: 0.1, l1: 0, l2: 0, ...settings });
  assert.deepEqual([...half.theta], [...whole.theta]);
});
