// Pointing: hover, focus, click, tap and drag, and the keys.

import { copySvg } from "./copy.js";
import { placeOf } from "./graph.js";
import { nudgeByKey, setLeaf, showScrubber, tidy, unitOf } from "./inputs.js";
import { cardOf, openCard, openScalars, opens } from "./inset.js";
import { showNode } from "./node-panel.js";
import { BOXES } from "./picture.js";
import { travel } from "./undo.js";
import { applyView, fitAll, follow, zoom } from "./zoom.js";
import { buttonById, byId, inputById, say } from "../../web/assets/dom.js";
import { exact } from "../../web/assets/numbers.js";

/** @import { App, BoxBinding } from "./types.js" */

/** Milliseconds within which a second click makes a double one. */
const TWICE = 400;

/**
 * @param {App} app
 * @param {number | undefined} index
 */
export function select(app, index) {
  app.selected = index;
  app.box = undefined;
  if (app.graph.nudge && index !== undefined && app.graph.leafOf.has(index) && index !== app.graph.nudge.leaf) app.update();
  showScrubber(app);
  showNode(app);
}

/**
 * Go to the step that computes a node in the current pass; for a leaf open its scrubber.
 * @param {App} app
 * @param {number} index
 */
function activate(app, index) {
  const { graph } = app, node = graph.nodes[index];
  if (graph.leafOf.has(index) && app.compiled) { select(app, app.selected === index ? undefined : index); return; }
  select(app, app.selected === index ? undefined : index);
  const maker = node.kind === "function" ? node : graph.nodes[node.maker];
  if (!maker) return;
  app.pause();
  app.go(app.step >= graph.seed && maker.backward !== undefined ? maker.backward : maker.forward);
}

/**
 * @param {EventTarget | null} target
 * @returns {number | undefined}
 */
const nodeAt = (target) => {
  const found = target instanceof Element ? /** @type {SVGElement} */ (target.closest("[data-node]")) : null;
  return found ? Number(found.dataset.node) : undefined;
};

/**
 * @param {EventTarget | null} target
 * @returns {BoxBinding | undefined}
 */
const boxAt = (target) => {
  const found = target instanceof Element ? /** @type {SVGElement} */ (target.closest("[data-box]")) : null;
  return found ? BOXES.get(found) : undefined;
};

/**
 * @param {App} app
 * @param {BoxBinding} box
 */
function activateBox(app, box) {
  select(app, undefined);
  app.box = box;
  showNode(app);
}

/**
 * @param {App} app
 * @param {number | undefined} index
 */
function hover(app, index) {
  if (app.hovered === index) return;
  app.hovered = index;
  showNode(app);
}

/**
 * Open the element under the pointer in its place: the card of a cell, the scalars of a card or a box.
 * @param {App} app
 * @param {EventTarget | null} target
 */
function openHere(app, target) {
  const index = nodeAt(target), box = boxAt(target);
  const into = index !== undefined && cardOf(app, index) !== undefined ? () => openCard(app, index) : box && opens(app, box) ? () => openScalars(app, box) : undefined;
  if (!into) return false;
  app.select(undefined);
  into();
  return true;
}

/** @param {App} app */
export function listenToPicture(app) {
  const stage = byId("drawing");
  stage.addEventListener("pointerover", (event) => { if (event.pointerType === "mouse" && !app.drag) hover(app, nodeAt(event.target)); });
  stage.addEventListener("pointerleave", () => { if (!app.drag) hover(app, undefined); });
  stage.addEventListener("focusin", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches(":focus-visible")) return;
    hover(app, nodeAt(event.target));
    const box = boxAt(event.target);
    if (box) { activateBox(app, box); return; }
    follow(app.picture, nodeAt(event.target));
  });
  stage.addEventListener("focusout", () => hover(app, undefined));
  stage.addEventListener("pointerdown", (event) => beginDrag(app, event));
  stage.addEventListener("pointermove", (event) => moveDrag(app, event));
  stage.addEventListener("pointerup", () => endDrag(app));
  stage.addEventListener("pointercancel", () => { app.drag = undefined; });
  stage.addEventListener("wheel", (event) => wheel(app, event), { passive: false });
  buttonById("zoom-in").addEventListener("click", () => zoom(app.picture, 1.3));
  buttonById("zoom-out").addEventListener("click", () => zoom(app.picture, 1 / 1.3));
  buttonById("zoom-fit").addEventListener("click", () => fitAll(app.picture));
  buttonById("undo").addEventListener("click", () => travel(app, true));
  buttonById("redo").addEventListener("click", () => travel(app, false));
  buttonById("copy").addEventListener("click", () => copySvg(app));
}

/**
 * A press starts a change of a leaf's number, or elsewhere a pan; without a movement it is a click.
 * @param {App} app
 * @param {PointerEvent} event
 */
function beginDrag(app, event) {
  if (event.button !== 0 || app.drag) return;
  const index = nodeAt(event.target), place = app.compiled ? placeOf(app.graph, index) : undefined;
  app.drag = { index, place, box: boxAt(event.target), target: event.target, x: event.clientX, y: event.clientY, from: place === undefined ? 0 : app.graph.inputs[place], view: { ...app.picture.sightline }, moved: false };
  byId("drawing").setPointerCapture(event.pointerId);
}

/**
 * @param {App} app
 * @param {PointerEvent} event
 */
function moveDrag(app, event) {
  const { drag } = app;
  if (!drag) return;
  const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
  if (!drag.moved && Math.hypot(dx, dy) < 4) return;
  drag.moved = true;
  hover(app, undefined);
  if (drag.place !== undefined) {
    const unit = unitOf(app.graph.recorded[drag.place]) * (event.shiftKey ? 0.1 : 1);
    const from = Number.isFinite(drag.from) ? drag.from : 0;
    if (app.selected !== drag.index) select(app, drag.index);
    setLeaf(app, drag.place, tidy(from + dx * unit, unit));
  } else {
    const { scale } = drag.view;
    app.picture.sightline = { x: drag.view.x - dx / scale, y: drag.view.y - dy / scale, scale };
    app.picture.touched = true;
    applyView(app.picture);
  }
}

/** @param {App} app */
function endDrag(app) {
  const { drag } = app;
  app.drag = undefined;
  if (!drag || drag.moved) return;
  const { clicked } = app, now = performance.now(), again = clicked && clicked.target === drag.target && now - clicked.time < TWICE;
  app.clicked = again ? undefined : { target: drag.target, time: now };
  if (again && openHere(app, drag.target)) return;
  if (drag.index === undefined && drag.box) activateBox(app, drag.box);
  else if (drag.index === undefined) select(app, undefined);
  else activate(app, drag.index);
}

/**
 * The wheel scrolls the page; with Ctrl (a pinch, on a touchpad) it zooms.
 * @param {App} app
 * @param {WheelEvent} event
 */
function wheel(app, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const box = byId("drawing").getBoundingClientRect();
  zoom(app.picture, Math.exp(-event.deltaY / 240), event.clientX - box.left, event.clientY - box.top);
}

/** @param {App} app */
export function listenToControls(app) {
  const step = (/** @type {(at: number) => number} */ change) => { app.pause(); app.go(change(app.step)); };
  buttonById("first").addEventListener("click", () => step(() => 0));
  buttonById("back").addEventListener("click", () => step((at) => at - 1));
  buttonById("play").addEventListener("click", () => app.play());
  buttonById("forth").addEventListener("click", () => step((at) => at + 1));
  buttonById("last").addEventListener("click", () => step(() => app.steps.length - 1));
  inputById("steps").addEventListener("input", () => {
    const wanted = Number(inputById("steps").value); // before pausing restores the old step
    step(() => wanted);
  });
}
/** @type {Record<string, (app: App) => void>} */
const KEYS = {
  ArrowRight: (app) => { app.pause(); app.go(app.step + 1); },
  ArrowLeft: (app) => { app.pause(); app.go(app.step - 1); },
  Home: (app) => { app.pause(); app.go(0); },
  End: (app) => { app.pause(); app.go(app.steps.length - 1); },
  " ": (app) => app.play(),
  Escape: (app) => select(app, undefined),
  "+": (app) => zoom(app.picture, 1.3),
  "=": (app) => zoom(app.picture, 1.3),
  "-": (app) => zoom(app.picture, 1 / 1.3),
  0: (app) => fitAll(app.picture),
};

/**
 * Keys work everywhere except in fields, sliders and buttons, which use them.
 * @param {App} app
 */
export function listenToKeys(app) {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && ["z", "y"].includes(event.key.toLowerCase())) {
      const back = event.key.toLowerCase() === "z" && !event.shiftKey;
      if (travel(app, back)) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target), index = nodeAt(target), box = boxAt(target), place = app.compiled ? placeOf(app.graph, index) : undefined;
    if (event.key === "Escape") { KEYS.Escape(app); return; }
    if (target.matches("input, select, textarea")) return;
    if (index !== undefined && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); activate(app, index); return; }
    if (box && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); activateBox(app, box); return; }
    if (index !== undefined && place !== undefined && nudgeByKey(app, event, place)) {
      say(`${app.graph.nodes[index].name} = ${exact(app.graph.inputs[place])}`);
      return;
    }
    if (target.matches("button") && event.key === " ") return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(app);
  });
}
