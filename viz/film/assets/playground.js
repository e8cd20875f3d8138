// The playground: training settings, the reader's own data, and networks built in the page.

import { buildFor } from "./build.js";
import { DATASETS, draw, readTable } from "./datasets.js";
import { FEATURES, denseNetwork, freshTheta } from "./dense.js";
import { fillKnobs, readKnobs } from "./knobs.js";
import { go, play, single, tellWorker } from "./play.js";
import { dropPoint, makeSet, scatter, split } from "./points.js";
import { lay, show } from "./show.js";
import { batchSizes, inPlayground, renew } from "./state.js";
import { feed } from "./train.js";
import { buttonById, byId, canvasById, element, inputById, inputsOf, say, selectById } from "../../web/assets/dom.js";
import { tell } from "../../web/assets/language.js";

/** @import { Drawn, Film, Recipe } from "./types.js" */

const MOST_LAYERS = 6, MOST_UNITS = 32, RECORDED = "Recorded";

/** @param {Film} app */
export function fillPlayground(app) {
  fillKnobs(app);
  const option = (/** @type {string} */ name) => Object.assign(element("option", "", tell(name)), { value: name });
  selectById("dataset").replaceChildren(...[RECORDED, ...Object.keys(DATASETS), "Own"].map(option));
  selectById("activation").replaceChildren(...Object.keys(app.kit.activations).map(option));
  byId("features").append(...Object.keys(FEATURES).map((name, i) => {
    const box = Object.assign(element("input"), { type: "checkbox", name: "feature", value: name, checked: i < 2 });
    return element("label", "chip", box, element("span", "", name));
  }));
}

/**
 * Open the playground with a copy of the recorded points, or return to the recording.
 * @param {Film} app
 * @param {boolean} on
 */
export function setMode(app, on) {
  play(app, false);
  buttonById("mode").setAttribute("aria-pressed", String(on));
  canvasById("plane").tabIndex = on ? 0 : -1;
  app.cross = undefined;
  inputById("noise").value = "0";
  inputById("share").value = "1";
  byId("share-row").hidden = true;
  selectById("dataset").value = RECORDED;
  const { frame, network } = app;
  recordedPoints(app, on);
  if (network !== app.own) buildFor(app, app.own);
  readKnobs(app);
  buttonById("play").setAttribute("aria-label", on ? tell("Train") : tell("Play"));
  go(app, network === app.own ? frame : app.own.frames.length - 1);
  showRecipe(app);
  lay(app);
}

/**
 * @param {Film} app
 * @param {boolean} copy
 */
function recordedPoints(app, copy) {
  const { base, labels, values, width } = app.recorded;
  app.set = copy ? makeSet(base, labels, values, width) : app.recorded;
  app.held = app.recordedHeld;
  app.whole = undefined;
  Object.assign(app, { classes: app.data.classes, extents: app.data.extents, middle: app.data.middle });
}

/**
 * Other points: the running training uses them at once, and the numbers are updated.
 * @param {Film} app
 */
export function refeed(app) {
  const before = app.settings.batch;
  if (app.trainer) feed(app.network, app.trainer, app.set);
  const sizes = batchSizes(app), whole = byId("batch-shown").textContent === tell("all");
  inputById("batch").max = String(sizes.length - 1);
  inputById("batch").value = String(whole ? sizes.length - 1 : Math.max(0, sizes.findLastIndex((size) => size <= before)));
  readKnobs(app);
  tellWorker(app, "points");
  renew(app);
  show(app);
}

/** @param {Film} app */
export function listenToPlayground(app) {
  for (const input of inputsOf(".knobs input, [name=optimizer]")) input.addEventListener("input", () => readKnobs(app, input.id));
  selectById("speed").addEventListener("change", () => tellWorker(app, "settings"));
  inputById("noise").addEventListener("input", () => {
    scatter(app.set, (Number(inputById("noise").value) * (app.extent[1] - app.extent[0])) / 2);
    if (app.held && app.whole) scatter(app.held, app.set.share);
    refeed(app);
  });
  inputById("share").addEventListener("input", () => { divide(app); refeed(app); });
  inputById("discrete").addEventListener("change", () => show(app));
  buttonById("mode").addEventListener("click", () => setMode(app, !inPlayground()));
  buttonById("train").addEventListener("click", () => play(app, !app.playing));
  buttonById("single").addEventListener("click", () => single(app));
  buttonById("rewind").addEventListener("click", () => { play(app, false); if (app.network === app.own) go(app, app.frame); else setMode(app, true); });
  buttonById("undo").addEventListener("click", () => { dropPoint(app.set); refeed(app); });
  buttonById("clear").addEventListener("click", () => { app.set = makeSet([], [], [], app.set.width); refeed(app); });
  buttonById("restore").addEventListener("click", () => {
    if (app.network !== app.own) { selectById("dataset").value = RECORDED; takeData(app); return; }
    recordedPoints(app, true);
    inputById("noise").value = "0";
    refeed(app);
  });
  listenToRecipe(app);
}

// ---------------------------------------------------------------- networks built in the page

/** @param {Film} app */
function listenToRecipe(app) {
  const change = (/** @type {(recipe: Recipe) => void} */ edit) => { const recipe = recipeOf(app); edit(recipe); rebuild(app, recipe); };
  selectById("dataset").addEventListener("change", () => takeData(app));
  buttonById("regenerate").addEventListener("click", () => { app.seed++; if (app.generated) takeData(app); else change(() => {}); });
  buttonById("add-layer").addEventListener("click", () => change((recipe) => recipe.layers.push({ units: 4, activation: selectById("activation").value })));
  buttonById("remove-layer").addEventListener("click", () => change((recipe) => recipe.layers.pop()));
  selectById("activation").addEventListener("change", () => change((recipe) => { for (const layer of recipe.layers) layer.activation = selectById("activation").value; }));
  for (const box of inputsOf("[name=feature]")) box.addEventListener("change", () => {
    const chosen = inputsOf("[name=feature]:checked").map(({ value }) => value);
    if (!chosen.length) { box.checked = true; say(tell("A network needs at least one feature")); return; }
    change((recipe) => { recipe.features = chosen; });
  });
  inputById("own-file").addEventListener("change", async () => {
    const [file] = inputById("own-file").files || [];
    if (file) { byId("own-text", HTMLTextAreaElement).value = await file.text(); takeData(app); }
  });
  buttonById("own-take").addEventListener("click", () => takeData(app));
}

/**
 * The recipe of the shown network, as far as the page can build it; for the recorded network its layers.
 * @param {Film} app
 * @returns {Recipe}
 */
export function recipeOf(app) {
  const { network } = app, { decision } = network, hidden = network.layers.slice(0, -1), known = Object.keys(app.kit.activations);
  const recipe = network.recipe || {
    features: ["x₁", "x₂"], layers: hidden.map(({ units, activation }) => ({ units: Math.min(units, MOST_UNITS), activation: known.includes(activation) ? activation : "tanh" })),
    classes: network.classes, regression: network.regression, middle: decision.middle, half: decision.half,
  };
  return { ...recipe, features: recipe.features.slice(), layers: recipe.layers.map((layer) => ({ ...layer })) };
}

/**
 * Build the network of a recipe, with new weights, for the current points.
 * @param {Film} app
 * @param {Recipe} recipe
 */
function rebuild(app, recipe) {
  if (app.playing) play(app, false);
  const network = denseNetwork(recipe, app.kit);
  network.frames = [freshTheta(network, app.seed)];
  buildFor(app, network);
  refeed(app);
  showRecipe(app);
  lay(app);
}

/**
 * The layers as a row of fields for their sizes.
 * @param {Film} app
 */
export function showRecipe(app) {
  const recipe = recipeOf(app), able = app.network.inputs === 2 && !app.data.seen;
  byId("features").hidden = byId("hidden-layers").hidden = !able;
  selectById("activation").value = recipe.layers[0] ? recipe.layers[0].activation : "tanh";
  buttonById("add-layer").disabled = recipe.layers.length >= MOST_LAYERS;
  buttonById("remove-layer").disabled = !recipe.layers.length;
  for (const box of inputsOf("[name=feature]")) box.checked = recipe.features.includes(box.value);
  byId("sizes").replaceChildren(...recipe.layers.map((layer, depth) => {
    const press = (/** @type {string} */ sign, /** @type {number} */ by) => {
      const button = Object.assign(element("button", "", sign), { type: "button", disabled: layer.units + by < 1 || layer.units + by > MOST_UNITS });
      button.setAttribute("aria-label", tell("Layer {place}: ", { place: depth + 1 }) + (by > 0 ? tell("one unit more") : tell("one unit less")));
      button.addEventListener("click", () => { const changed = recipeOf(app); changed.layers[depth].units += by; rebuild(app, changed); });
      return button;
    };
    return element("span", "size", press("−", -1), element("b", "", String(layer.units)), press("+", 1));
  }));
}

// ---------------------------------------------------------------- data

/**
 * Take the chosen data set: its points, and a network of the shown layers with suitable outputs.
 * @param {Film} app
 */
function takeData(app) {
  const { value: name } = selectById("dataset"), status = byId("own-status");
  byId("own").hidden = name !== "Own";
  status.textContent = "";
  if (name === RECORDED) { setMode(app, true); return; }
  /** @type {Drawn & { names?: string[] }} */
  let drawn;
  try {
    if (name === "Own" && !byId("own-text", HTMLTextAreaElement).value.trim()) return;
    drawn = name === "Own" ? readTable(byId("own-text", HTMLTextAreaElement).value) : draw(name, 300, app.seed);
  } catch (error) {
    status.textContent = error instanceof Error ? error.message : String(error);
    return;
  }
  if (app.playing) play(app, false); // because points and network do not fit for a moment
  const { values } = drawn, low = Math.min(...values), high = Math.max(...values);
  app.generated = name in DATASETS;
  app.extents = [[-1.15, 1.15], [-1.15, 1.15]];
  app.axes = [0, 1];
  app.classes = drawn.names && drawn.names.length ? drawn.names : Array.from({ length: drawn.classes }, (_, k) => tell("class {place}", { place: k }));
  app.whole = makeSet(drawn.base, drawn.labels, values, 2);
  byId("share-row").hidden = false;
  if (Number(inputById("share").value) === 1) inputById("share").value = "0.7";
  const recipe = recipeOf(app);
  Object.assign(recipe, { classes: drawn.classes, regression: !drawn.classes, middle: values.length ? (low + high) / 2 : 0, half: values.length ? (high - low) / 2 || 1 : 0 });
  if (!recipe.layers.length) recipe.layers = [{ units: 6, activation: "tanh" }, { units: 4, activation: "tanh" }];
  divide(app);
  rebuild(app, recipe);
}

/**
 * Divide the whole set into training and held-out points.
 * @param {Film} app
 */
function divide(app) {
  if (!app.whole) return;
  const share = Number(inputById("share").value), noise = app.set.share;
  [app.set, app.held] = split(app.whole, share, 3);
  if (!app.held.labels.length) app.held = undefined;
  if (noise && app.set.width === app.whole.width) for (const set of [app.set, app.held]) if (set) scatter(set, noise);
}
