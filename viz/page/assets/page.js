// The page: buttons, keys, pointer and the panel, around one state.

import { go, pause, play, showControls } from "./controls.js";
import { gradientOf, makeGraph, makeSteps, mark, placeOf, run, valueOf } from "./graph.js";
import { fillLeaves, listenToScrubber, placeScrubber, showLeaves, showScrubber } from "./inputs.js";
import { closeInsets } from "./inset.js";
import { drawMap, makeMap, showWindow } from "./minimap.js";
import { listenToNudge, renewNudge } from "./nudge.js";
import { showNode } from "./node-panel.js";
import { paint } from "./paint.js";
import { makePicture } from "./picture.js";
import { listenToControls, listenToKeys, listenToPicture, select } from "./pointing.js";
import { describe, retell } from "./spoken.js";
import { showStep } from "./step-panel.js";
import { listenToTheme } from "./theme.js";
import { showTitle, titleAt } from "./title.js";
import { point } from "./trace.js";
import { remember } from "./undo.js";
import { applyView, firstView, measureInto, setStage } from "./zoom.js";
import { all, byId, element, inputOf, selectById } from "../../web/assets/dom.js";
import { tell } from "../../web/assets/language.js";

/** @import { App, Compiled, PageData } from "./types.js" */

/**
 * @param {Compiled | null} compiled
 * @param {Record<string, (x: number) => number>} curves functions of one operand, by name and label
 */
export function start(compiled, curves) {
  /** @type {PageData} */
  const data = JSON.parse(byId("data").textContent), graph = makeGraph(data);
  graph.curves = curves;
  for (const leaf of graph.leaves) if (compiled) graph.nodes[leaf].leaf = true;
  const first = makePicture(graph, viewAt(data, data.level));
  const state = { data, graph, compiled, curves, fallback: (data.recorded || []).map(Number), step: 0, steps: [], pictures: new Map([[data.level, first]]), picture: first, fields: [], selected: undefined, hovered: undefined, timer: 0, frame: 0, painting: 0, resting: 0, past: [], future: [], titled: false, insets: [] };
  /** @type {App} */
  const app = {
    ...state,
    show: () => show(app),
    update: () => update(app),
    updateSoon: () => updateSoon(app),
    go: (step) => go(app, step),
    pause: () => pause(app),
    play: () => play(app),
    select: (index) => select(app, index),
    switchLevel: (level) => switchLevel(app, level),
    ink: () => undefined, // until the page has its theme
  };
  run(graph, compiled, app.fallback);
  app.titled = document.title === titleAt(graph);
  app.steps = makeSteps(graph);
  app.step = app.steps.length - 1;
  fillLevels(app);
  fillNotes(app);
  makeMap(app);
  fillOutputs(app);
  fillLeaves(app);
  listenToControls(app);
  listenToKeys(app);
  listenToPicture(app);
  listenToScrubber(app);
  listenToNudge(app);
  listenToTheme(app);
  switchLevel(app, data.level);
  addEventListener("message", ({ source, data: told }) => { if (source === parent && told && told.leaves) setAll(app, told.leaves); });
  addEventListener("beforeprint", () => app.picture.svg.setAttribute("viewBox", `0 0 ${app.picture.full.width} ${app.picture.full.height}`));
  addEventListener("afterprint", () => applyView(app.picture));
  addEventListener("resize", () => app.picture.touched ? applyView(app.picture) : firstView(app.picture));
  document.documentElement.dataset.ready = "true";
  Object.assign(window, { livePage: doorOf(app) });
}

// ---------------------------------------------------------------- levels of detail

/** @param {App} app */
function fillLevels(app) {
  /** @type {Record<string, string>} */
  const names = { lesson: tell("Scalars"), cards: tell("Cards"), neurons: tell("Neurons"), vectors: tell("Vectors"), heat: tell("Heat") };
  byId("levels").hidden = app.data.views.length < 2;
  for (const { level } of app.data.views) {
    const radio = element("input");
    Object.assign(radio, { type: "radio", name: "level", value: level });
    radio.addEventListener("change", () => switchLevel(app, level));
    byId("levels").append(element("label", "", radio, element("span", "", names[level])));
  }
}

/**
 * @param {PageData} data
 * @param {string} level
 */
function viewAt(data, level) {
  const found = data.views.find((view) => view.level === level);
  if (!found) throw new Error(`the page has no drawing at the level ${level}`);
  return found;
}

/**
 * Show the drawing at another level; each is bound and measured when it is first shown.
 * @param {App} app
 * @param {string} level
 */
function switchLevel(app, level) {
  for (const holder of all(".view")) holder.hidden = holder.dataset.level !== level;
  inputOf(`#levels [value=${level}]`).checked = true;
  closeInsets(app);
  app.picture = app.pictures.get(level) || makePicture(app.graph, viewAt(app.data, level));
  app.pictures.set(level, app.picture);
  if (app.picture.moved) {
    setStage(app.picture, app.picture.stage);
    applyView(app.picture);
  } else {
    measureInto(app.picture);
    app.picture.moved = () => moved(app);
    firstView(app.picture);
  }
  drawMap(app);
  paint(app.picture, app.graph, app.step, true);
  select(app, app.selected !== undefined && app.picture.nodes[app.selected].group ? app.selected : undefined);
  show(app);
  describe(app.picture, app.graph, app.step);
}

/**
 * Other numbers for many leaves at once, by key, for a page that contains this one.
 * @param {App} app
 * @param {Record<string, number>} leaves
 */
function setAll(app, leaves) {
  const { graph } = app;
  for (const node of graph.nodes) {
    const place = graph.leafOf.get(node.index), x = leaves[node.key];
    if (place !== undefined && typeof x === "number") graph.inputs[place] = graph.recorded[place] = x;
  }
  app.update();
}

/**
 * For the console and for tests: exact numbers by the names the drawing uses.
 * @param {App} app
 * @returns {object}
 */
function doorOf(app) {
  const { graph } = app, node = (/** @type {string} */ key) => {
    const found = graph.nodes.find((each) => each.key === key || each.name === key);
    if (!found) throw new RangeError(`the page has no node ${key}`);
    return found;
  };
  return {
    keys: graph.quantities.map((each) => each.key),
    value: (/** @type {string} */ key) => valueOf(graph, node(key)),
    gradient: (/** @type {string} */ key) => gradientOf(graph, node(key)),
    set: (/** @type {string} */ key, /** @type {number} */ x) => {
      const place = placeOf(graph, node(key).index);
      if (place === undefined) throw new RangeError(`${key} is computed: only a leaf can be set`);
      remember(app, place);
      graph.inputs[place] = x;
      update(app);
    },
    go: (/** @type {number} */ step) => go(app, step),
    steps: app.steps.length,
  };
}

// ---------------------------------------------------------------- showing

/**
 * Everything that depends on the step, the numbers or the selection.
 * @param {App} app
 */
function show(app) {
  paint(app.picture, app.graph, app.step);
  for (const inset of app.insets) paint(inset.picture, app.graph, app.step, true);
  point(app.picture, app.graph, app.steps[app.step]);
  showControls(app);
  showStep(app);
  showNode(app);
  rest(app);
}

/**
 * New numbers: run the program, repaint, and update the panel.
 * @param {App} app
 */
function update(app) {
  const reached = app.graph.nodes.map((node) => node.reached).join();
  run(app.graph, app.compiled, app.fallback);
  if (reached !== app.graph.nodes.map((node) => node.reached).join()) renewSteps(app);
  renewNudge(app);
  showLeaves(app);
  showScrubber(app);
  showTitle(app);
  show(app);
}

/**
 * At most one update per frame, for any number of events.
 * @param {App} app
 */
function updateSoon(app) {
  if (!app.frame) app.frame = requestAnimationFrame(() => { app.frame = 0; update(app); });
}

/**
 * Another part of the drawing became visible; its numbers may be those of an earlier step.
 * @param {App} app
 */
function moved(app) {
  placeScrubber(app);
  showWindow(app);
  if (!app.painting) app.painting = requestAnimationFrame(() => { app.painting = 0; paint(app.picture, app.graph, app.step); });
}

/**
 * Texts for screen readers and tooltips are updated when nothing has changed for a while.
 * @param {App} app
 */
function rest(app) {
  clearTimeout(app.resting);
  app.resting = window.setTimeout(() => {
    for (const { picture } of [app, ...app.insets]) describe(picture, app.graph, app.step);
    retell(app.picture, app.graph);
  }, 250);
}

/** @param {App} app */
function renewSteps(app) {
  const atEnd = app.step === app.steps.length - 1;
  app.steps = makeSteps(app.graph);
  app.step = atEnd ? app.steps.length - 1 : Math.min(app.step, app.steps.length - 1);
}

// ---------------------------------------------------------------- notes, outputs

/** @param {App} app */
function fillNotes(app) {
  byId("notes").replaceChildren(...app.data.notes.map((note) => element("li", "", note)));
}

/**
 * With several outputs one chooses which of them is differentiated.
 * @param {App} app
 */
function fillOutputs(app) {
  const { graph } = app, select_ = selectById("output");
  byId("of").hidden = graph.outputs.length < 2;
  select_.replaceChildren(...graph.outputs.map((index, place) => { const option = element("option", "", graph.nodes[index].name); option.value = String(place); return option; }));
  select_.addEventListener("change", () => {
    graph.output = Number(select_.value);
    mark(graph);
    renewSteps(app);
    app.step = app.steps.length - 1;
    show(app);
  });
}
