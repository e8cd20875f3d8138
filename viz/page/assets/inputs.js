// The inputs: a field for each in the panel, and the scrubber under the one that is selected.

import { placeOf } from "./graph.js";
import { remember } from "./undo.js";
import { nameOf } from "./words.js";
import { buttonById, byId, element, inputById, say } from "../../web/assets/dom.js";
import { exact, parsed } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { App } from "./types.js" */

/** @param {App} app */
export function fillLeaves(app) {
  const { graph } = app;
  app.fields = graph.leaves.map((leaf, place) => {
    const node = graph.nodes[leaf], field = element("input");
    Object.assign(field, { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false, disabled: !app.compiled });
    field.dataset.leaf = node.key;
    field.addEventListener("input", () => typed(app, field, place));
    field.addEventListener("blur", () => { field.removeAttribute("aria-invalid"); showLeaves(app); });
    field.addEventListener("keydown", (event) => nudgeByKey(app, event, place));
    field.addEventListener("focus", () => field.select());
    return field;
  });
  byId("leaves").replaceChildren(...graph.leafOrder.map((place) => [graph.leaves[place], place]).map(([leaf, place]) => element("label", `leaf-row ${graph.nodes[leaf].kind}`, nameOf(graph.nodes[leaf].kind === "constant" && !graph.nodes[leaf].label ? tell("constant") : graph.nodes[leaf].name), app.fields[place])));
  buttonById("reset-all").addEventListener("click", () => { remember(app, -1); graph.inputs = graph.recorded.slice(); app.update(); });
  showLeaves(app);
}

/**
 * Update the fields to the inputs, except the field being edited.
 * @param {App} app
 */
export function showLeaves(app) {
  buttonById("undo").disabled = !app.past.length;
  buttonById("redo").disabled = !app.future.length;
  app.fields.forEach((field, place) => {
    const text = entryText(app.graph.inputs[place]);
    if (field !== document.activeElement && field.value !== text) field.value = text;
  });
  buttonById("reset-all").hidden = !app.graph.inputs.some((x, place) => !Object.is(x, app.graph.recorded[place]));
}

/** @param {number} x */
const entryText = (x) => exact(Math.abs(x) < 1e15 && x !== 0 && Math.abs(x) > 1e-6 ? Number(x.toPrecision(8)) : x);

/**
 * @param {App} app
 * @param {HTMLInputElement} field
 * @param {number} place
 */
function typed(app, field, place) {
  const x = parsed(field.value);
  field.setAttribute("aria-invalid", String(x === undefined));
  if (x === undefined) { say(tell("{text} is not a number", { text: field.value })); return; }
  remember(app, place);
  app.graph.inputs[place] = x;
  app.update();
}

/**
 * Up and down change a number by a hundredth of its size; with Shift by a tenth.
 * @param {App} app
 * @param {KeyboardEvent} event
 * @param {number} place
 * @returns {boolean}
 */
export function nudgeByKey(app, event, place) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
  event.preventDefault();
  const unit = unitOf(app.graph.recorded[place]) * (event.shiftKey ? 10 : 1);
  setLeaf(app, place, tidy(app.graph.inputs[place] + (event.key === "ArrowUp" ? unit : -unit), unit));
  if (event.target instanceof HTMLInputElement) event.target.value = entryText(app.graph.inputs[place]);
  return true;
}

/**
 * A power of ten, about a hundredth of the number it changes.
 * @param {number} x
 */
export const unitOf = (x) => Number.isFinite(x) && x !== 0 ? 10 ** Math.floor(Math.log10(Math.max(Math.abs(x), 1e-3)) - 1.3) : 0.01;

/**
 * @param {number} x
 * @param {number} unit
 */
export const tidy = (x, unit) => Number((Math.round(x / unit) * unit).toPrecision(12));

/**
 * @param {App} app
 * @param {number} place
 * @param {number} x
 */
export function setLeaf(app, place, x) {
  remember(app, place);
  app.graph.inputs[place] = x;
  app.updateSoon();
}

/** @param {App} app */
export function listenToScrubber(app) {
  const field = inputById("scrubber-number"), range = inputById("scrubber-range"), graph = app.graph;
  const change = (/** @type {(place: number) => void} */ act) => { const place = placeOf(graph, app.selected); if (place !== undefined) act(place); };
  byId("scrubber").addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => change((place) => typed(app, field, place)));
  field.addEventListener("keydown", (event) => change((place) => nudgeByKey(app, event, place)));
  field.addEventListener("blur", () => { field.removeAttribute("aria-invalid"); showScrubber(app); });
  range.addEventListener("input", () => change((place) => setLeaf(app, place, tidy(Number(range.value), unitOf(graph.recorded[place]) / 10))));
  buttonById("scrubber-reset").addEventListener("click", () => change((place) => setLeaf(app, place, graph.recorded[place])));
  byId("scrubber-close").addEventListener("click", () => app.select(undefined));
}

/**
 * The range of the slider is a few times the recorded number on both sides, and is extended by typed numbers.
 * @param {App} app
 */
export function showScrubber(app) {
  const box = byId("scrubber"), { selected } = app, place = app.compiled ? placeOf(app.graph, selected) : undefined;
  box.hidden = place === undefined;
  if (place === undefined || selected === undefined) return;
  const x = app.graph.inputs[place], recorded = app.graph.recorded[place], range = inputById("scrubber-range"), field = inputById("scrubber-number");
  const reach = Math.max(2, 2 * Math.abs(Number.isFinite(recorded) ? recorded : 0)), middle = Number.isFinite(recorded) ? recorded : 0;
  range.min = String(Math.min(middle - reach, Number.isFinite(x) ? x : middle));
  range.max = String(Math.max(middle + reach, Number.isFinite(x) ? x : middle));
  if (document.activeElement !== range) range.value = String(x);
  range.style.setProperty("--done", `${(Number(range.value) - Number(range.min)) / (Number(range.max) - Number(range.min)) * 100}%`);
  const node = app.graph.nodes[selected];
  byId("scrubber-name").textContent = node.kind === "constant" && !node.label ? tell("constant") : node.name;
  range.setAttribute("aria-label", tell("Value of {name}", { name: node.name }));
  if (document.activeElement !== field) field.value = entryText(x);
  buttonById("scrubber-reset").disabled = Object.is(x, recorded);
  placeScrubber(app);
}

/**
 * Under its circle, but inside the stage.
 * @param {App} app
 */
export function placeScrubber(app) {
  const box = byId("scrubber"), group = app.selected !== undefined && app.picture.nodes[app.selected].group;
  if (box.hidden || !group) return;
  const stage = byId("stage").getBoundingClientRect(), node = group.getBoundingClientRect();
  const left = node.left + node.width / 2 - stage.left - box.offsetWidth / 2;
  const below = node.bottom - stage.top + 8, above = node.top - stage.top - box.offsetHeight - 8;
  box.style.left = `${Math.max(6, Math.min(stage.width - box.offsetWidth - 6, left))}px`;
  box.style.top = `${below + box.offsetHeight > stage.height - 4 && above > 4 ? above : Math.max(4, Math.min(below, stage.height - box.offsetHeight - 4))}px`;
}
