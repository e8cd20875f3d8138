// The bar of controls: the current step of the two passes, and playing through them.

import { top } from "./graph.js";
import { titleOf } from "./step-panel.js";
import { follow } from "./zoom.js";
import { buttonById, byId, inputById } from "../../web/assets/dom.js";
import { tell } from "../../web/assets/language.js";

/** @import { App } from "./types.js" */

/**
 * @param {App} app
 * @param {number} step
 */
export function go(app, step) {
  app.step = Math.max(0, Math.min(app.steps.length - 1, step));
  app.show();
  const at = app.steps[app.step];
  if (at.kind === "start" || at.kind === "done") return;
  follow(app.picture, at.node ? at.node.index : top(app.graph));
}

/** @param {App} app */
export function pause(app) {
  clearInterval(app.timer);
  app.timer = 0;
  showControls(app);
}

/** @param {App} app */
export function play(app) {
  if (app.timer) { pause(app); return; }
  if (app.step === app.steps.length - 1) go(app, 0);
  app.timer = window.setInterval(() => {
    go(app, app.step + 1);
    if (app.step === app.steps.length - 1) pause(app);
  }, 1100);
  showControls(app);
}

/** @param {App} app */
export function showControls(app) {
  const { step, steps } = app, last = steps.length - 1, range = inputById("steps");
  range.max = String(last);
  range.value = String(step);
  range.setAttribute("aria-valuetext", titleOf(app));
  range.style.setProperty("--done", `${last ? step / last * 100 : 0}%`);
  range.style.setProperty("--seed", `${last ? app.graph.seed / last * 100 : 0}%`);
  byId("count").textContent = `${step} / ${last}`;
  buttonById("first").disabled = buttonById("back").disabled = step === 0;
  buttonById("last").disabled = buttonById("forth").disabled = step === last;
  buttonById("play").setAttribute("aria-label", app.timer ? tell("Pause") : tell("Play"));
  buttonById("play").classList.toggle("playing", Boolean(app.timer));
}
