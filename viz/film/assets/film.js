// The page: one state, and its views. The same script runs in the page's worker, which trains.

import { buildFor } from "./build.js";
import { inkOf } from "./draw.js";
import { listen, listenToCells } from "./input.js";
import { readKnobs } from "./knobs.js";
import { makeNetwork, outputsOf } from "./network.js";
import { unpacked } from "./plane.js";
import { CHOICES } from "./optimizers.js";
import { go, received } from "./play.js";
import { fillPlayground, listenToPlayground } from "./playground.js";
import { makeSet } from "./points.js";
import { listenToSamples } from "./sample.js";
import { lay, show } from "./show.js";
import { layPlane, measured } from "./state.js";
import { hire, serve } from "./worker.js";
import { buttonById, byId, element, selectById } from "../../web/assets/dom.js";
import { tell } from "../../web/assets/language.js";

/** @import { Film, FilmData, Forward, GradientSum, Kit } from "./types.js" */

/**
 * @param {Forward} forward
 * @param {GradientSum | null} gradient
 * @param {Kit} kit
 */
export function start(forward, gradient, kit) {
  if (typeof document === "undefined") { serve(forward, gradient, kit); return; }
  /** @type {FilmData} */
  const data = JSON.parse(byId("data").textContent), network = makeNetwork(data, forward, gradient, kit);
  const recorded = makeSet(unpacked(data.points), data.labels, data.values, network.inputs), { held } = data;
  const apart = held.labels.length ? makeSet(unpacked(held.points), held.labels, held.values, network.inputs) : undefined;
  /** @type {Film} */
  const app = {
    data, kit, own: network, network, recorded, recordedHeld: apart, set: recorded, held: apart, seed: 1, frame: 0, playing: false, running: false, clock: 0, owed: 0,
    compare: "", split: 0.5, brush: 0, theta: network.frames[0], live: [], drawn: 0, turn: 0, budget: 8, ink: inkOf(), cells: 0, extent: [], plane: new Float64Array(0), grid: new Float64Array(0),
    settings: { rate: data.optimizer.lr, batch: recorded.labels.length, l1: data.optimizer.l1, l2: data.optimizer.l2, optimizer: CHOICES[0] }, choices: [],
    scales: { weight: 1, gradient: 1 }, figures: [], layers: [], windows: [], curves: { charts: [] }, cards: [], marks: [],
    classes: data.classes, inputs: data.inputs, extents: data.extents, middle: data.middle, axes: data.axes,
    bare: { ...data, theta: "", epochs: [], points: "", history: undefined, graphs: [] },
    worker: network.gradient ? hire(document.currentScript) : undefined, listenToCells: () => listenToCells(app),
  };
  if (app.worker) app.worker.addEventListener("message", (event) => received(app, event.data));
  buttonById("mode").hidden = !network.gradient;
  if (data.still) byId("notes").append(element("li", "", tell("The page cannot train this network: {why}.", { why: data.still })));
  if (!network.layers.length) byId("notes").append(element("li", "", tell("No layers were found in this model: only the boundary is shown.")));
  fillAxes(app);
  buildFor(app, network);
  fillPlayground(app);
  readKnobs(app);
  listen(app);
  listenToPlayground(app);
  listenToSamples(app);
  lay(app);
  go(app, network.frames.length - 1);
  document.documentElement.dataset.ready = "true";
  Object.assign(window, { filmPage: doorOf(app) });
}

/**
 * Of more than two inputs the reader chooses the two that are shown; the others have their middle values.
 * @param {Film} app
 */
function fillAxes(app) {
  const many = app.inputs.length > 2;
  byId("axes").hidden = !many;
  ["across", "up"].forEach((id, axis) => {
    const choice = selectById(id);
    choice.replaceChildren(...app.inputs.map((name, j) => Object.assign(element("option", "", name), { value: String(j), selected: j === app.axes[axis] })));
    choice.addEventListener("change", () => {
      const other = app.axes[1 - axis], chosen = Number(choice.value);
      app.axes = axis ? [chosen === other ? app.axes[1] : other, chosen] : [chosen, chosen === other ? app.axes[0] : other];
      selectById("across").value = String(app.axes[0]);
      selectById("up").value = String(app.axes[1]);
      layPlane(app);
      app.ghost = undefined;
      app.compare = selectById("compare").value = "";
      show(app);
    });
  });
}

/**
 * For the console and for tests: exact numbers.
 * @param {Film} app
 */
function doorOf(app) {
  return {
    frames: app.own.epochs.length, epochs: app.own.epochs,
    go: (/** @type {number} */ frame) => go(app, frame),
    theta: () => Array.from(app.theta),
    outputs: (/** @type {number[][]} */ points, /** @type {number} */ frame) => Array.from(outputsOf(app.network, Float64Array.from(points.flat()), app.network.frames[frame])),
    gradient: () => Array.from((app.now && app.now.gradient) || []),
    windows: () => app.windows.map((each) => each.slice()),
    state: () => ({
      frame: app.frame, playing: app.playing, compare: app.compare, pinned: app.pinned, points: app.set.labels.length, held: app.held ? app.held.labels.length : 0,
      live: app.live.length, parameters: app.network.parameters, threaded: Boolean(app.worker), ...measured(app),
    }),
  };
}
