// Time: going to an epoch, playing, training on.

import { buttonById, byId, selectById } from "../../web/assets/dom.js";
import { boundaryOf } from "./decision.js";
import { outputsOf } from "./network.js";
import { clamp } from "./plane.js";
import { announce, layCurves, show } from "./show.js";
import { epochOf, inPlayground, measured, trainerOf, viewsOf } from "./state.js";
import { takeStep, trainUntil } from "./train.js";
import { tell } from "../../web/assets/language.js";

/** @import { Facts, Film, FromWorker, PointSet } from "./types.js" */

const FRAMES_A_SECOND = 10, EPOCHS_A_SECOND = 60, BUDGET = 14;

/**
 * Go to a recorded epoch; training in the page since then is discarded.
 * @param {Film} app
 * @param {number} frame
 */
export function go(app, frame) {
  app.frame = clamp(frame, 0, app.network.frames.length - 1);
  app.theta = app.network.frames[app.frame];
  app.trainer = undefined;
  const had = app.live.length;
  app.live = [];
  if (had) layCurves(app);
  show(app);
}

/** @param {Film} app */
export function pin(app) {
  const outputs = outputsOf(app.network, app.plane, app.theta);
  app.pinned = epochOf(app);
  app.ghost = {
    facts: measured(app), outputs, boundary: boundaryOf(app.network, outputs, app.cells), frame: app.trainer ? undefined : app.frame,
    views: viewsOf(app, app.theta),
  };
  show(app);
}

/**
 * @param {Film} app
 * @param {string} kind
 */
export function setCompare(app, kind) {
  const before = app.compare;
  app.compare = kind;
  selectById("compare").value = kind;
  if (kind && !before) pin(app); else show(app);
}

// ---------------------------------------------------------------- playing

/**
 * @param {Film} app
 * @param {boolean} playing
 */
export function play(app, playing) {
  if (playing && !app.trainer && !inPlayground() && app.frame === app.network.frames.length - 1) go(app, 0);
  const was = app.playing;
  app.playing = playing;
  app.owed = 0;
  app.clock = performance.now();
  byId("transport").classList.toggle("playing", playing);
  buttonById("train").textContent = playing ? tell("Pause") : tell("Train");
  buttonById("play").setAttribute("aria-label", playing ? tell("Pause") : inPlayground() ? tell("Train") : tell("Play"));
  if (playing && inPlayground() && app.worker) sendRun(app, app.worker);
  else if (playing) requestAnimationFrame((now) => tick(app, now));
  else {
    if (was && app.worker && app.running) app.worker.postMessage({ kind: "pause" });
    app.running = false;
    show(app);
    announce();
  }
}

/**
 * @param {Film} app
 * @param {number} now
 */
function tick(app, now) {
  if (!app.playing) return;
  const speed = Number(selectById("speed").value), passed = Math.min(now - app.clock, 250);
  app.clock = now;
  app.owed += (passed / 1000) * speed * (inPlayground() ? EPOCHS_A_SECOND : FRAMES_A_SECOND);
  const whole = Math.floor(app.owed);
  app.owed -= whole;
  if (whole && inPlayground()) {
    const trainer = trainerOf(app);
    if (!trainUntil(app.network, trainer, app.settings, trainer.epochs + whole, BUDGET)) play(app, false);
    trained(app);
  } else if (whole) {
    const frame = Math.min(app.frame + whole, app.network.frames.length - 1);
    go(app, frame);
    if (frame === app.network.frames.length - 1) play(app, false);
  }
  if (app.playing) requestAnimationFrame((later) => tick(app, later));
}

/**
 * One step, at once.
 * @param {Film} app
 */
export function single(app) {
  if (app.playing) play(app, false);
  takeStep(app.network, trainerOf(app), app.settings);
  trained(app);
  announce();
}

// ---------------------------------------------------------------- the worker

/**
 * Points for a worker: data without functions.
 * @param {PointSet | undefined} set
 */
const plain = (set) => set && { ...set, random: undefined };
const speedOf = () => Number(selectById("speed").value) * EPOCHS_A_SECOND;

/**
 * @param {Film} app
 * @param {Worker} worker
 */
function sendRun(app, worker) {
  const trainer = trainerOf(app), { recipe } = app.network;
  app.running = true;
  worker.postMessage({ kind: "run", recipe, data: recipe ? undefined : app.bare, trainer: { ...trainer, rows: undefined }, settings: app.settings, set: plain(app.set), held: plain(app.held), speed: speedOf() });
}

/**
 * Send other settings or other points to a running worker.
 * @param {Film} app
 * @param {"settings" | "points"} kind
 */
export function tellWorker(app, kind) {
  if (!app.worker || !app.running) return;
  app.worker.postMessage(kind === "settings" ? { kind, settings: app.settings, speed: speedOf() } : { kind, set: plain(app.set), held: plain(app.held) });
}

/**
 * Take over the result of training in the worker.
 * @param {Film} app
 * @param {FromWorker} message
 */
export function received(app, { trainer, now, ended }) {
  app.worker?.postMessage({ kind: "seen" });
  if (!app.trainer || app.trainer.id !== trainer.id || trainer.steps < app.trainer.steps) return; // it was discarded
  Object.assign(app.trainer, trainer, { rows: app.trainer.rows });
  app.theta = app.trainer.theta;
  app.now = { ...now, theta: app.theta, steps: trainer.steps, set: app.set.points, held: app.held ? app.held.points : undefined };
  trained(app);
  if (ended && app.playing) { app.running = false; play(app, false); }
}

/**
 * After steps: add the current measurements to the curves.
 * @param {Film} app
 */
export function trained(app) {
  /** @type {Facts} */
  const row = { ...measured(app), epoch: epochOf(app) }, before = app.live[app.live.length - 1];
  if (before && before.epoch === row.epoch) app.live[app.live.length - 1] = row;
  else app.live.push(row);
  if (app.live.length > 1500) app.live = app.live.filter((_, i) => i % 2 === 0 || i === app.live.length - 1);
  show(app);
}

