// Time: going to an epoch, playing, training on.

import { boundaryOf, outputsOf } from "./network.js";
import { clamp } from "./plane.js";
import { layCurves, announce, show } from "./show.js";
import { BUDGET, FRAMES_A_SECOND, epochOf, inPlayground, measured, trainerOf, viewsOf } from "./state.js";
import { takeStep } from "./train.js";
import { buttonById, byId, selectById } from "../../web/assets/dom.js";

/** @import { Film } from "./types.js" */

/**
 * Go to a recorded epoch; what was trained in the page since is left behind.
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
  app.playing = playing;
  app.owed = 0;
  app.clock = performance.now();
  byId("transport").classList.toggle("playing", playing);
  buttonById("train").textContent = playing ? "Pause" : "Train";
  buttonById("play").setAttribute("aria-label", playing ? "Pause" : inPlayground() ? "Train" : "Play");
  if (playing) requestAnimationFrame((now) => tick(app, now));
  else { show(app); announce(); }
}

/**
 * @param {Film} app
 * @param {number} now
 */
function tick(app, now) {
  if (!app.playing) return;
  const speed = Number(selectById("speed").value), passed = Math.min(now - app.clock, 250);
  app.clock = now;
  app.owed += (passed / 1000) * speed * (inPlayground() ? 60 : FRAMES_A_SECOND);
  const whole = Math.floor(app.owed);
  app.owed -= whole;
  if (whole && inPlayground()) trainFor(app, whole);
  else if (whole) {
    const frame = Math.min(app.frame + whole, app.network.frames.length - 1);
    go(app, frame);
    if (frame === app.network.frames.length - 1) play(app, false);
  }
  if (app.playing) requestAnimationFrame((later) => tick(app, later));
}

/**
 * Some epochs, as many as a frame has time for.
 * @param {Film} app
 * @param {number} epochs
 */
function trainFor(app, epochs) {
  const trainer = trainerOf(app), until = trainer.epochs + epochs, started = performance.now();
  while (trainer.epochs < until && performance.now() - started < BUDGET) {
    if (!takeStep(trainer)) { play(app, false); break; }
  }
  trained(app);
}

/**
 * After steps: the curves grow by what is measured now.
 * @param {Film} app
 */
export function trained(app) {
  const row = { ...measured(app), epoch: epochOf(app) }, before = app.live[app.live.length - 1];
  if (before && before.epoch === row.epoch) app.live[app.live.length - 1] = row;
  else app.live.push(row);
  if (app.live.length > 1500) app.live = app.live.filter((_, i) => i % 2 === 0 || i === app.live.length - 1);
  layCurves(app);
  show(app);
}
