// What the reader does: buttons, keys, the pointer, the knobs of the playground.

import { cellAt } from "./cards.js";
import { inkOf } from "./draw.js";
import { clamp } from "./plane.js";
import { inWords } from "./optimizers.js";
import { go, pin, play, setCompare, trained } from "./play.js";
import { addPoint, dropPoint, makeSet, scatter } from "./points.js";
import { lay, announce, show } from "./show.js";
import { batchSizes, inPlayground, renew, trainerOf } from "./state.js";
import { feed, takeStep } from "./train.js";
import { buttonById, byId, canvasById, inputById, inputOf, inputsOf, selectById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";

/** @import { Film } from "./types.js" */

/** @param {Film} app */
export function listen(app) {
  listenToTransport(app);
  listenToKeys(app);
  listenToKnobs(app);
  listenToPlane(app);
  listenToCells(app);
  listenToTheme(app);
  let width = 0;
  new ResizeObserver(() => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    lay(app);
    show(app);
  }).observe(document.body);
}

/** @param {Film} app */
function listenToTransport(app) {
  const on = (id, act) => byId(id).addEventListener("click", act), last = app.network.frames.length - 1;
  const jump = (frame) => { play(app, false); go(app, frame); announce(); };
  on("first", () => jump(0));
  on("last", () => jump(last));
  on("back", () => jump(app.frame - 1));
  on("forth", () => jump(app.frame + 1));
  on("play", () => play(app, !app.playing));
  on("train", () => play(app, !app.playing));
  on("pin", () => pin(app));
  on("mode", () => setMode(app, !inPlayground()));
  inputById("epochs").addEventListener("input", () => { if (app.playing) play(app, false); go(app, Number(inputById("epochs").value)); });
  inputById("epochs").addEventListener("change", () => announce());
  selectById("compare").addEventListener("change", () => setCompare(app, selectById("compare").value));
  inputById("divider").addEventListener("input", () => { app.split = Number(inputById("divider").value); show(app); });
}

/**
 * @param {Film} app
 * @param {boolean} on
 */
function setMode(app, on) {
  play(app, false);
  buttonById("mode").setAttribute("aria-pressed", String(on));
  canvasById("plane").tabIndex = on ? 0 : -1;
  app.cross = undefined;
  app.set = on ? makeSet(app.recorded.base, app.recorded.labels) : app.recorded;
  inputById("noise").value = "0";
  readKnobs(app);
  buttonById("play").setAttribute("aria-label", on ? "Train" : "Play");
  go(app, app.frame);
  lay(app);
}

/**
 * Keys act anywhere but where the reader types or a control has them already.
 * @param {Film} app
 */
function listenToKeys(app) {
  const jump = (frame) => { play(app, false); go(app, frame); announce(); };
  const keys = {
    ArrowLeft: () => jump(app.frame - 1), ArrowRight: () => jump(app.frame + 1), Home: () => jump(0), End: () => jump(app.network.frames.length - 1),
    " ": () => play(app, !app.playing), c: () => setCompare(app, app.compare === "" ? "ghost" : app.compare === "ghost" ? "split" : ""),
    p: () => buttonById("mode").hidden || setMode(app, !inPlayground()), s: () => inPlayground() && single(app),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target), own = target.closest("input, select, summary, [tabindex='0']"), button = target.closest("button");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (own && !(target.id === "epochs" && key === " ") && key.length !== 1) return;
    if ((own || button) && key === " " && target.id !== "epochs") return;
    if (own && target.matches("select")) return;
    if (!keys[key]) return;
    event.preventDefault();
    keys[key]();
  });
}

/**
 * The run's own learning rate holds to the last digit until its knob is moved.
 * @param {Film} app
 * @param {string} [moved]
 */
export function readKnobs(app, moved) {
  const { settings } = app, sizes = batchSizes(app), size = sizes[Math.min(Number(inputById("batch").value), sizes.length - 1)];
  inputById("batch").max = String(sizes.length - 1);
  if (moved === "rate") settings.rate = Number((10 ** Number(inputById("rate").value)).toPrecision(3));
  settings.batch = size;
  const strength = Number(inputById("penalty").value);
  settings.penalty = strength ? Number((10 ** (strength / 10 - 5)).toPrecision(2)) : 0;
  const chosen = inputOf("[name=optimizer]:checked").value;
  settings.optimizer = app.choices.find((choice) => choice.name === chosen);
  byId("optimizer-settings").textContent = inWords(settings.optimizer.options);
  byId("rate-shown").textContent = number(settings.rate);
  byId("batch-shown").textContent = size === sizes[sizes.length - 1] ? "all" : String(size);
  byId("penalty-shown").textContent = settings.penalty ? number(settings.penalty) : "0";
  byId("noise-shown").textContent = inputById("noise").value;
  for (const input of inputsOf(".knobs input")) {
    const [low, high] = [Number(input.min), Number(input.max)];
    input.style.setProperty("--done", `${(100 * (Number(input.value) - low)) / (high - low || 1)}%`);
    input.setAttribute("aria-valuetext", input.parentElement.querySelector("output").textContent);
  }
}

/** @param {Film} app */
function listenToKnobs(app) {
  for (const input of inputsOf(".knobs input, [name=optimizer]")) input.addEventListener("input", () => readKnobs(app, input.id));
  inputById("noise").addEventListener("input", () => { scatter(app.set, (Number(inputById("noise").value) * (app.data.extent[1] - app.data.extent[0])) / 2); refeed(app); });
  buttonById("single").addEventListener("click", () => single(app));
  buttonById("rewind").addEventListener("click", () => { play(app, false); go(app, app.frame); });
  buttonById("undo").addEventListener("click", () => { dropPoint(app.set); refeed(app); });
  buttonById("clear").addEventListener("click", () => { app.set = makeSet([], []); refeed(app); });
  buttonById("restore").addEventListener("click", () => {
    app.set = makeSet(app.recorded.base, app.recorded.labels);
    inputById("noise").value = "0";
    refeed(app);
  });
}

/** @param {Film} app */
function single(app) {
  if (app.playing) play(app, false);
  takeStep(trainerOf(app));
  trained(app);
  announce();
}

/**
 * Other points: the running training takes them at once.
 * @param {Film} app
 */
function refeed(app) {
  const before = app.settings.batch;
  if (app.trainer) feed(app.trainer, app.set);
  const sizes = batchSizes(app), whole = byId("batch-shown").textContent === "all";
  inputById("batch").max = String(sizes.length - 1);
  inputById("batch").value = String(whole ? sizes.length - 1 : Math.max(0, sizes.findLastIndex((size) => size <= before)));
  readKnobs(app);
  renew(app);
  show(app);
}

// ---------------------------------------------------------------- the plane

/** @param {Film} app */
function listenToPlane(app) {
  const canvas = canvasById("plane");
  let dragging = false;
  /** @returns {[number, number]} */
  const shareOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)];
  };
  const nearDivider = (event) => app.compare === "split" && Math.abs(shareOf(event)[0] - app.split) * canvas.clientWidth < 16;
  canvas.addEventListener("pointerdown", (event) => {
    if (nearDivider(event)) { dragging = true; canvas.setPointerCapture(event.pointerId); event.preventDefault(); }
    else if (inPlayground() && event.button === 0) drawPoint(app, ...shareOf(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    canvas.style.cursor = dragging || nearDivider(event) ? "ew-resize" : inPlayground() ? "crosshair" : "";
    if (!dragging) return;
    [app.split] = shareOf(event);
    inputById("divider").value = String(app.split);
    show(app);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { dragging = false; });
  canvas.addEventListener("keydown", (event) => moveCross(app, event));
  canvas.addEventListener("blur", () => { app.cross = undefined; show(app); });
}

/**
 * @param {Film} app
 * @param {number} across
 * @param {number} down
 */
function drawPoint(app, across, down) {
  const [left, right, bottom, top] = app.data.extent;
  addPoint(app.set, left + across * (right - left), top - down * (top - bottom), app.brush);
  refeed(app);
}

/**
 * @param {Film} app
 * @param {KeyboardEvent} event
 */
function moveCross(app, event) {
  if (!inPlayground()) return;
  const step = event.shiftKey ? 0.1 : 0.02, by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
  const [x, y] = app.cross || [0.5, 0.5];
  if (by) app.cross = [clamp(x + by[0], 0, 1), clamp(y + by[1], 0, 1)];
  else if (event.key === "Enter") drawPoint(app, x, y);
  else return;
  event.preventDefault();
  show(app);
}

/**
 * The number behind the cell under the pointer.
 * @param {Film} app
 */
function listenToCells(app) {
  for (const card of app.cards) {
    for (const canvas of [card.weights, card.gradients]) {
      canvas.addEventListener("pointermove", (event) => {
        const found = cellAt(card, event.offsetX, event.offsetY);
        if (!found || found.place < 0) return;
        const gradient = app.now && app.now.gradient;
        byId("cell").textContent = `${found.words}: ${number(app.theta[found.place])}${gradient ? `, ∂ ${number(gradient[found.place])}` : ""}`;
      });
      canvas.addEventListener("pointerleave", () => { byId("cell").textContent = ""; });
    }
  }
}

/** @param {Film} app */
function listenToTheme(app) {
  const root = document.documentElement, repaint = () => { app.ink = inkOf(); lay(app); show(app); };
  inputOf(`[name=theme][value=${root.dataset.theme}]`).checked = true;
  for (const input of inputsOf("[name=theme]")) {
    input.addEventListener("change", () => { root.dataset.theme = input.value; repaint(); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}
