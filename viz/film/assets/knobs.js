// The settings of training: optimiser, learning rate, batch, penalties, and the words beside them.

import { choicesOf, inWords } from "./optimizers.js";
import { tellWorker } from "./play.js";
import { batchSizes } from "./state.js";
import { byId, element, inputById, inputOf, inputsOf } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";
import { tell } from "../../web/assets/language.js";

/** @import { Film } from "./types.js" */

/** @param {Film} app */
export function fillKnobs(app) {
  const { data } = app, size = data.optimizer.batch || app.recorded.labels.length;
  fillOptimizers(app);
  inputById("rate").value = String(Math.log10(data.optimizer.lr));
  for (const [id, strength] of /** @type {[string, number][]} */ ([["penalty", data.optimizer.l2], ["sparsity", data.optimizer.l1]])) {
    inputById(id).value = String(strength ? Math.min(Number(inputById(id).max), Math.max(1, Math.round(10 * (Math.log10(strength) + 5)))) : 0);
  }
  if (data.optimizer.penalty) byId("notes").append(element("li", "", tell("The run had a penalty of its own, which this page cannot apply: it trains on without it.")));
  inputById("batch").max = String(batchSizes(app).length - 1);
  inputById("batch").value = String(Math.max(0, batchSizes(app).findLastIndex((each) => each <= size)));
}

/**
 * One button per optimiser; that of the run is pressed, with its settings.
 * @param {Film} app
 */
function fillOptimizers(app) {
  const { kind, options } = app.data.optimizer, { choices, chosen } = choicesOf(kind, options);
  app.choices = choices;
  for (const { name } of choices) {
    const radio = Object.assign(element("input"), { type: "radio", name: "optimizer", value: name, checked: name === (chosen || "SGD") });
    byId("optimizers").append(element("label", "", radio, element("span", "", name)));
  }
  if (!chosen && !app.data.still) byId("notes").append(element("li", "", tell("The run was trained by {name}, an optimiser that this page does not have: it trains on by SGD.", { name: kind })));
}

/**
 * The run's learning rate and penalty are exact until their sliders are moved.
 * @param {Film} app
 * @param {string} [moved]
 */
export function readKnobs(app, moved) {
  const { settings } = app, sizes = batchSizes(app), size = sizes[Math.min(Number(inputById("batch").value), sizes.length - 1)];
  const strength = (/** @type {string} */ id) => { const x = Number(inputById(id).value); return x ? Number((10 ** (x / 10 - 5)).toPrecision(2)) : 0; };
  inputById("batch").max = String(sizes.length - 1);
  if (moved === "rate") settings.rate = Number((10 ** Number(inputById("rate").value)).toPrecision(3));
  settings.batch = size;
  if (moved === "penalty") settings.l2 = strength("penalty");
  if (moved === "sparsity") settings.l1 = strength("sparsity");
  const chosen = inputOf("[name=optimizer]:checked").value;
  settings.optimizer = app.choices.find((choice) => choice.name === chosen) || settings.optimizer;
  byId("optimizer-settings").textContent = inWords(settings.optimizer.options);
  byId("rate-shown").textContent = number(settings.rate);
  byId("batch-shown").textContent = size === sizes[sizes.length - 1] ? tell("all") : String(size);
  byId("penalty-shown").textContent = number(settings.l2);
  byId("sparsity-shown").textContent = number(settings.l1);
  byId("noise-shown").textContent = inputById("noise").value;
  byId("share-shown").textContent = `${Math.round(100 * Number(inputById("share").value))} %`;
  for (const input of inputsOf(".knobs input")) {
    const [low, high] = [Number(input.min), Number(input.max)];
    input.style.setProperty("--done", `${(100 * (Number(input.value) - low)) / (high - low || 1)}%`);
    const shown = input.parentElement?.querySelector("output");
    if (shown) input.setAttribute("aria-valuetext", shown.textContent);
  }
  tellWorker(app, "settings");
}
