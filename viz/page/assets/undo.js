// Undo and redo of changes of inputs, one entry per gesture.

/** @import { Undoable } from "./types.js" */

const PAUSE = 900, MOST = 200;

/**
 * Store the inputs before input `place` (or, with −1, all inputs) changes. Quick further changes of the same
 * input belong to the same gesture.
 * @param {Undoable} app
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
 * Undo the last gesture, or redo an undone one.
 * @param {Undoable} app
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
