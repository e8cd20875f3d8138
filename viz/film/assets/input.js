// Input by the reader: buttons, keys, the pointer on the plane and on the cells.

import { cellAt } from "./cards.js";
import { inkOf } from "./draw.js";
import { clamp } from "./plane.js";
import { go, pin, play, setCompare, single } from "./play.js";
import { refeed, setMode } from "./playground.js";
import { addPoint } from "./points.js";
import { announce, lay, show } from "./show.js";
import { inPlayground } from "./state.js";
import { buttonById, byId, canvasById, inputById, inputOf, inputsOf, selectById } from "../../web/assets/dom.js";
import { number } from "../../web/assets/numbers.js";

/** @import { Film } from "./types.js" */

/** @param {Film} app */
export function listen(app) {
  listenToTransport(app);
  listenToKeys(app);
  listenToPlane(app);
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
  const on = (/** @type {string} */ id, /** @type {() => void} */ act) => byId(id).addEventListener("click", act);
  const jump = (/** @type {number} */ frame) => { play(app, false); go(app, frame); announce(); };
  on("first", () => jump(0));
  on("last", () => jump(app.network.frames.length - 1));
  on("back", () => jump(app.frame - 1));
  on("forth", () => jump(app.frame + 1));
  on("play", () => play(app, !app.playing));
  on("pin", () => pin(app));
  inputById("epochs").addEventListener("input", () => { if (app.playing) play(app, false); go(app, Number(inputById("epochs").value)); });
  inputById("epochs").addEventListener("change", () => announce());
  selectById("compare").addEventListener("change", () => setCompare(app, selectById("compare").value));
  inputById("divider").addEventListener("input", () => { app.split = Number(inputById("divider").value); show(app); });
}

/**
 * Keys work everywhere except in text fields and in controls that use them.
 * @param {Film} app
 */
function listenToKeys(app) {
  const jump = (/** @type {number} */ frame) => { play(app, false); go(app, frame); announce(); };
  /** @type {Record<string, () => void>} */
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

// ---------------------------------------------------------------- the plane

/** @param {Film} app */
function listenToPlane(app) {
  const canvas = canvasById("plane");
  let dragging = false;
  /**
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  const shareOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)];
  };
  const nearDivider = (/** @type {PointerEvent} */ event) => app.compare === "split" && Math.abs(shareOf(event)[0] - app.split) * canvas.clientWidth < 16;
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
  const [left, right, bottom, top] = app.extent, { inputs, regression } = app.network, point = app.middle.slice(0, inputs);
  while (point.length < inputs) point.push(0);
  const [x, y] = [left + across * (right - left), top - down * (top - bottom)];
  if (inputs > 1) point[app.axes[1]] = y;
  point[app.axes[0]] = x;
  addPoint(app.set, point, app.brush, regression ? (inputs > 1 ? Number(inputById("brush-number").value) || 0 : y) : undefined);
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
 * The number of the cell under the pointer.
 * @param {Film} app
 */
export function listenToCells(app) {
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
