// The words of the page: epoch, loss and accuracy, the names of the axes, what is compared, the state of the playground.

import { inPlayground, measured } from "./state.js";
import { buttonById, byId, canvasById, inputById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Facts, Film } from "./types.js" */

/** @param {Film} app */
export function showReading(app) {
  const facts = measured(app), last = app.network.epochs.length - 1, range = inputById("epochs");
  byId("at").textContent = tell("epoch {epoch}", { epoch: facts.epoch.toLocaleString("en") });
  const told = (/** @type {{ loss: number, accuracy: number }} */ row) => [...(Number.isFinite(row.loss) ? [tell("loss {number}", { number: number(row.loss) })] : []), ...(Number.isFinite(row.accuracy) ? [percent(row.accuracy)] : [])].join(" · ");
  byId("facts").textContent = told(facts);
  const apart = { loss: facts.validation_loss, accuracy: facts.validation_accuracy, epoch: 0 };
  byId("apart").textContent = told(apart) ? tell("held out: {facts}", { facts: told(apart) }) : "";
  range.value = String(app.frame);
  range.style.setProperty("--done", `${last ? (100 * app.frame) / last : 100}%`);
  range.setAttribute("aria-valuetext", `${tell("epoch {epoch}", { epoch: facts.epoch })}, ${told(facts)}`);
  canvasById("plane").setAttribute("aria-label", planeWords(app, facts));
  byId("axis-names").textContent = axisNames(app);
  showCompare(app, facts, told);
  showPlayground(app);
}

/** @param {number} share */
const percent = (share) => tell("{share} % right", { share: (100 * share).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1) });

/**
 * @param {Film} app
 * @param {Facts} facts
 */
function planeWords(app, facts) {
  const drawing = inPlayground() ? tell("; arrow keys move a cross, Enter draws a point") : "";
  const what = app.network.regression ? tell("Answers") : tell("Decision boundary"), right = Number.isFinite(facts.accuracy) ? `, ${percent(facts.accuracy)}` : "";
  return tell("{what} at epoch {epoch} over {count} points", { what, epoch: facts.epoch, count: app.set.labels.length }) + right + drawing;
}

/**
 * @param {Film} app
 * @param {Facts} facts
 * @param {(row: Facts) => string} told
 */
function showCompare(app, facts, told) {
  const ghost = app.compare ? app.ghost : undefined, on = Boolean(ghost), mark = byId("pin-mark"), last = app.network.epochs.length - 1;
  buttonById("pin").hidden = !on;
  byId("divider-row").hidden = app.compare !== "split";
  byId("tag-left").hidden = !on;
  byId("tag-right").hidden = app.compare !== "split";
  mark.hidden = !ghost || ghost.frame === undefined;
  if (!ghost) return;
  byId("tag-left").textContent = app.compare === "split" ? tell("epoch {epoch}", { epoch: app.pinned }) : `${tell("dotted: epoch {epoch}", { epoch: app.pinned })}, ${told(ghost.facts)}`;
  byId("tag-right").textContent = tell("epoch {epoch}", { epoch: facts.epoch });
  if (ghost.frame !== undefined) mark.style.setProperty("--at", String(last ? ghost.frame / last : 0));
}

/** @param {Film} app */
function showPlayground(app) {
  const seen = app.looked || app.latched, trainer = app.trainer, on = inPlayground();
  byId("plane-name").textContent = seen ? tell("Layer {place}, unit {unit}", { place: seen[0] + 1, unit: seen[1] + 1 }) : app.network.regression ? tell("What it answers") : tell("Decision boundary");
  byId("playground").hidden = !on;
  document.body.classList.toggle("training", on);
  document.body.classList.toggle("holding", Boolean(app.held));
  byId("playground-from").textContent = !trainer
    ? tell("trains on from epoch {epoch}", { epoch: app.network.epochs[app.frame].toLocaleString("en") })
    : `${tell("epoch {epoch}", { epoch: app.network.epochs[app.frame].toLocaleString("en") })} + ${trainer.epochs.toLocaleString("en")} · ${trainer.steps === 1 ? tell("1 step") : tell("{count} steps", { count: trainer.steps.toLocaleString("en") })}`;
  byId("warning").textContent = trainer ? tell(trainer.trouble) : "";
  buttonById("rewind").disabled = !trainer;
  buttonById("undo").disabled = buttonById("clear").disabled = !app.set.labels.length;
}

/**
 * The names and ranges of the two axes of the plane.
 * @param {Film} app
 */
function axisNames({ network, inputs, axes, extent }) {
  const called = network.recipe ? ["x₁", "x₂"] : axes.map((axis) => inputs[axis]), [left, right, bottom, top] = extent.map((x) => number(Number(x.toPrecision(3))));
  const up = network.inputs > 1 ? called[1] : network.regression ? tell("what is asked for") : "";
  return `→ ${called[0]}, ${left} … ${right}${up ? `   ↑ ${up}, ${bottom} … ${top}` : ""}`;
}
