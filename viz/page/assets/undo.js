// Changes of inputs that can be taken back, one per gesture, and made again.

/** @import { App } from "./types.js" */

const PAUSE = 900, MOST = 200;

/**
 * Remember the inputs as they are, before `place` (or everything, −1) changes. What follows quickly in the
 * same place belongs to the same gesture.
 * @param {App} app
 * @param {number} place
 * @param {number} now in milliseconds
 */
export function remember(app, place, now = performance.now()) {
  const { past } = app, last = past[past.length - 1];
  const same = last && place >= 0 && last.place === place && now - last.time < PAUSE;
  if (same) last.time = now;
  else past.push({ place, time: now, inputs: app.graph.inputs.slice() });
  if (past.length > MOST) past.shift();
  app.future = [];
}

/**
 * Go back to the inputs before the last gesture, or forth to those that were taken back.
 * @param {App} app
 * @param {boolean} back
 * @returns {boolean} whether there was one
 */
export function travel(app, back) {
  const [from, to] = back ? [app.past, app.future] : [app.future, app.past], found = from.pop();
  if (!found) return false;
  to.push({ place: found.place, time: -Infinity, inputs: app.graph.inputs });
  app.graph.inputs = found.inputs.slice();
  app.update();
  return true;
}
