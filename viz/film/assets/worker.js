// Training in a worker: it continues from a trainer's state and sends results back, about once per screen frame.
// Where no worker is available, the page trains between two frames.

import { denseNetwork } from "./dense.js";
import { makeNetwork, measure } from "./network.js";
import { feed, trainUntil } from "./train.js";

/** @import { Forward, FromWorker, GradientSum, Kit, Network, PointSet, Settings, ToWorker, Trainer } from "./types.js" */

const SLICE = 8;

/**
 * In the worker: handle the messages of the page.
 * @param {Forward} forward
 * @param {GradientSum | null} gradient
 * @param {Kit} kit
 */
export function serve(forward, gradient, kit) {
  /** @type {{ network?: Network, trainer?: Trainer, settings?: Settings, set?: PointSet, held?: PointSet, running: boolean, speed: number, from: number, epochs: number, free: boolean }} */
  const state = { running: false, speed: 60, from: 0, epochs: 0, free: true };
  const report = (/** @type {boolean} */ ended) => {
    const { network, trainer, set, held } = state, now = measure(network, set, trainer.theta), apart = held && held.labels.length ? measure(network, held, trainer.theta) : undefined;
    state.free = ended;
    trainer.ahead = now.sums && { steps: trainer.steps, sums: now.sums }; // the gradient for the next step is known
    /** @type {FromWorker} */
    const message = {
      trainer: { ...trainer, rows: undefined, ahead: undefined }, ended,
      now: { loss: now.loss, accuracy: now.accuracy, gradient: now.gradient, right: now.right, heldLoss: apart ? apart.loss : NaN, heldAccuracy: apart ? apart.accuracy : NaN, heldRight: apart ? apart.right : undefined },
    };
    postMessage(message);
  };
  const turn = () => {
    if (!state.running) return;
    const { network, trainer, settings } = state, due = state.epochs + Math.max(1, Math.floor(((performance.now() - state.from) / 1000) * state.speed));
    const going = trainUntil(network, trainer, settings, due, SLICE);
    if (!going) state.running = false;
    if (state.free || !going) report(!going);
    if (going) setTimeout(turn, trainer.epochs >= due ? 4 : 0);
  };
  addEventListener("message", (event) => {
    const asked = /** @type {ToWorker} */ (event.data);
    if (asked.kind === "run") {
      state.network = asked.recipe ? denseNetwork(asked.recipe, kit) : makeNetwork(asked.data, forward, gradient, kit);
      Object.assign(state, { trainer: asked.trainer, settings: asked.settings, set: asked.set, held: asked.held, running: true, free: true, speed: asked.speed, from: performance.now(), epochs: asked.trainer.epochs });
      const { at, lossSum, order } = asked.trainer;
      feed(state.network, state.trainer, state.set);
      if (order && order.length === state.trainer.order.length) Object.assign(state.trainer, { at, lossSum, order }); // in the middle of an epoch
      turn();
    } else if (asked.kind === "settings") Object.assign(state, { settings: asked.settings, speed: asked.speed, from: performance.now(), epochs: state.trainer ? state.trainer.epochs : 0 });
    else if (asked.kind === "points") {
      Object.assign(state, { set: asked.set, held: asked.held });
      feed(state.network, state.trainer, state.set);
    } else if (asked.kind === "seen") state.free = true;
    else if (asked.kind === "pause" && state.trainer) {
      const was = state.running;
      state.running = false;
      if (was) report(true);
    }
  });
}

/**
 * A worker that runs the page's script, or nothing where the browser does not allow it.
 * @param {string} script
 * @returns {Worker | undefined}
 */
export function hire(script) {
  try {
    return new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
  } catch {
    return undefined;
  }
}
