// Training in a worker: it continues from a trainer's state and sends results back, about thirty times a second: while
// the page paints one result, the next is on its way. Where no worker is available, the page trains between two frames.

import { denseNetwork } from "./dense.js";
import { makeNetwork, measure } from "./network.js";
import { feed, trainUntil } from "./train.js";

/** @import { Forward, FromWorker, GradientSum, Kit, Network, PointSet, Settings, ToWorker, Trainer } from "./types.js" */

/** Milliseconds: of training between two looks at the messages, and between two results. */
const SLICE = 8, PAUSE = 30;
/** Results that the page may not have taken yet. */
const AHEAD = 2;

/** @typedef {{ network: Network, trainer: Trainer, settings: Settings, set: PointSet, held?: PointSet }} Job what is trained, on what */

/**
 * In the worker: handle the messages of the page.
 * @param {Forward} forward
 * @param {GradientSum | null} gradient
 * @param {Kit} kit
 */
export function serve(forward, gradient, kit) {
  /** @type {{ job?: Job, running: boolean, speed: number, from: number, epochs: number, sent: number, unseen: number, run: number }} */
  const state = { running: false, speed: 60, from: 0, epochs: 0, sent: 0, unseen: 0, run: 0 };
  const again = soon((run) => turn(run));
  const report = (/** @type {Job} */ { network, trainer, set, held }, /** @type {boolean} */ ended) => {
    const now = measure(network, set, trainer.theta), apart = held && held.labels.length ? measure(network, held, trainer.theta) : undefined;
    state.sent = performance.now();
    state.unseen++;
    trainer.ahead = now.sums && { steps: trainer.steps, sums: now.sums }; // the gradient for the next step is known
    /** @type {FromWorker} */
    const message = {
      trainer: { ...trainer, rows: undefined, ahead: undefined }, ended,
      now: { loss: now.loss, accuracy: now.accuracy, gradient: now.gradient, right: now.right, heldLoss: apart ? apart.loss : NaN, heldAccuracy: apart ? apart.accuracy : NaN, heldRight: apart ? apart.right : undefined },
    };
    postMessage(message);
  };
  const turn = (/** @type {number} */ run) => {
    const { job } = state;
    if (!job || !state.running || run !== state.run) return; // paused, or left from an earlier run
    const { network, trainer, settings } = job, due = state.epochs + Math.max(1, Math.floor(((performance.now() - state.from) / 1000) * state.speed));
    const going = trainUntil(network, trainer, settings, due, SLICE);
    if (!going) state.running = false;
    if (!going || (state.unseen < AHEAD && performance.now() - state.sent >= PAUSE)) report(job, !going);
    if (going && trainer.epochs >= due) setTimeout(turn, 4, run); else if (going) again(run);
  };
  addEventListener("message", (event) => {
    const asked = /** @type {ToWorker} */ (event.data), { job } = state;
    if (asked.kind === "run") {
      const network = asked.recipe ? denseNetwork(asked.recipe, kit) : makeNetwork(asked.data, forward, gradient, kit);
      const trainer = { ...asked.trainer, rows: new Float64Array(0) };
      state.job = { network, trainer, settings: asked.settings, set: asked.set, held: asked.held };
      Object.assign(state, { running: true, unseen: 0, run: state.run + 1, speed: asked.speed, from: performance.now(), epochs: asked.trainer.epochs });
      const { at, lossSum, order } = asked.trainer;
      feed(network, trainer, asked.set);
      if (order.length === trainer.order.length) Object.assign(trainer, { at, lossSum, order }); // in the middle of an epoch
      turn(state.run);
    } else if (asked.kind === "settings") {
      if (job) job.settings = asked.settings;
      Object.assign(state, { speed: asked.speed, from: performance.now(), epochs: job ? job.trainer.epochs : 0 });
    } else if (asked.kind === "points" && job) {
      Object.assign(job, { set: asked.set, held: asked.held });
      feed(job.network, job.trainer, job.set);
    } else if (asked.kind === "seen") state.unseen = Math.max(0, state.unseen - 1);
    else if (asked.kind === "pause" && job) {
      const was = state.running;
      state.running = false;
      if (was) report(job, true);
    }
  });
}

/**
 * A function that has `act` called after the messages that wait: a timer would wait four milliseconds more.
 * @param {(given: number) => void} act
 */
function soon(act) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (event) => act(event.data);
  return (/** @type {number} */ given) => port2.postMessage(given);
}

/**
 * A worker that runs the page's script, or nothing where the browser does not allow it.
 * @param {HTMLOrSVGScriptElement | null} script the element that runs it
 * @returns {Worker | undefined}
 */
export function hire(script) {
  if (!script) return undefined;
  try {
    return new Worker(URL.createObjectURL(new Blob([script.textContent || ""], { type: "text/javascript" })));
  } catch {
    return undefined;
  }
}
