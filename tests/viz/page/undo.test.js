// Undo: one step per gesture.

import assert from "node:assert/strict";
import { test } from "node:test";

import { remember, travel } from "../../../viz/page/assets/undo.js";

/** @import { Undoable } from "../../../viz/page/assets/types.js" */

/** @returns {Undoable} */
const made = () => ({ past: [], future: [], graph: { inputs: [1, 2] }, update() {} });
/** @type {(app: Undoable, place: number, x: number, now: number) => void} */
const set = (app, place, x, now) => { remember(app, place, now); app.graph.inputs[place] = x; };

test("a drag is one gesture, another place another", () => {
  const app = made();
  set(app, 0, 5, 0); set(app, 0, 6, 100); set(app, 1, 7, 200);
  travel(app, true);
  assert.deepEqual(app.graph.inputs, [6, 2]);
  travel(app, true);
  assert.deepEqual(app.graph.inputs, [1, 2]);
  assert.equal(travel(app, true), false);
  travel(app, false);
  travel(app, false);
  assert.deepEqual(app.graph.inputs, [6, 7]);
});

test("a new change forgets what was taken back", () => {
  const app = made();
  set(app, 0, 5, 0);
  travel(app, true);
  set(app, 1, 9, 5000);
  assert.equal(travel(app, false), false);
});

test("after a pause the same place is a new gesture", () => {
  const app = made();
  set(app, 0, 5, 0); set(app, 0, 6, 5000);
  travel(app, true);
  assert.deepEqual(app.graph.inputs, [5, 2]);
});
