// Pointing: hover, focus, click, tap and drag, and the keys.

function select(app, index) {
  app.selected = index;
  app.box = undefined;
  showScrubber(app);
  showNode(app);
}

// Go to the step that computes a node, in the pass one is in; a leaf opens its scrubber instead.
function activate(app, index) {
  const { graph } = app, node = graph.nodes[index];
  if (graph.leafOf.has(index) && app.compiled) { select(app, app.selected === index ? undefined : index); return; }
  select(app, app.selected === index ? undefined : index);
  const maker = node.kind === "function" ? node : graph.nodes[node.maker];
  if (!maker) return;
  pause(app);
  go(app, app.step >= graph.seed && maker.backward !== undefined ? maker.backward : maker.forward);
}

const nodeAt = (target) => {
  const found = target instanceof Element ? target.closest("[data-node]") : null;
  return found ? Number(found.dataset.node) : undefined;
};

const boxAt = (app, target) => {
  const found = target instanceof Element ? target.closest("[data-box]") : null;
  return found ? app.picture.boxes[Number(found.dataset.box)] : undefined;
};

function activateBox(app, box) {
  select(app, undefined);
  app.box = box;
  showNode(app);
}

function hover(app, index) {
  if (app.hovered === index) return;
  app.hovered = index;
  showNode(app);
}

function listenToPicture(app) {
  const stage = byId("drawing");
  stage.addEventListener("pointerover", (event) => { if (event.pointerType === "mouse" && !app.drag) hover(app, nodeAt(event.target)); });
  stage.addEventListener("pointerleave", () => { if (!app.drag) hover(app, undefined); });
  stage.addEventListener("focusin", (event) => {
    if (!event.target.matches(":focus-visible")) return;
    hover(app, nodeAt(event.target));
    if (boxAt(app, event.target)) { activateBox(app, boxAt(app, event.target)); return; }
    follow(app.picture, nodeAt(event.target));
  });
  stage.addEventListener("focusout", () => hover(app, undefined));
  stage.addEventListener("pointerdown", (event) => beginDrag(app, event));
  stage.addEventListener("pointermove", (event) => moveDrag(app, event));
  stage.addEventListener("pointerup", (event) => endDrag(app, event));
  stage.addEventListener("pointercancel", () => { app.drag = undefined; });
  stage.addEventListener("wheel", (event) => wheel(app, event), { passive: false });
  byId("zoom-in").addEventListener("click", () => zoom(app.picture, 1.3));
  byId("zoom-out").addEventListener("click", () => zoom(app.picture, 1 / 1.3));
  byId("zoom-fit").addEventListener("click", () => fitAll(app.picture));
  byId("copy").addEventListener("click", () => copySvg(app));
}

// A press on a leaf may become a change of its number, anywhere else a pan; without a move it is a click.
function beginDrag(app, event) {
  if (event.button !== 0 || app.drag) return;
  const index = nodeAt(event.target), place = app.compiled ? app.graph.leafOf.get(index) : undefined;
  app.drag = { index, place, box: boxAt(app, event.target), x: event.clientX, y: event.clientY, from: place === undefined ? 0 : app.graph.inputs[place], view: { ...app.picture.sightline }, moved: false };
  byId("drawing").setPointerCapture(event.pointerId);
}

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

function endDrag(app) {
  const { drag } = app;
  app.drag = undefined;
  if (!drag || drag.moved) return;
  if (drag.index === undefined && drag.box) activateBox(app, drag.box);
  else if (drag.index === undefined) select(app, undefined);
  else activate(app, drag.index);
}

// The wheel scrolls the page as everywhere; with Ctrl (a pinch, on a touchpad) it zooms.
function wheel(app, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const box = byId("drawing").getBoundingClientRect();
  zoom(app.picture, Math.exp(-event.deltaY / 240), event.clientX - box.left, event.clientY - box.top);
}

function listenToControls(app) {
  const step = (change) => { pause(app); go(app, change(app.step)); };
  byId("first").addEventListener("click", () => step(() => 0));
  byId("back").addEventListener("click", () => step((at) => at - 1));
  byId("play").addEventListener("click", () => play(app));
  byId("forth").addEventListener("click", () => step((at) => at + 1));
  byId("last").addEventListener("click", () => step(() => app.steps.length - 1));
  byId("steps").addEventListener("input", (event) => {
    const wanted = Number(event.target.value); // before pausing shows the old step again
    step(() => wanted);
  });
}

const KEYS = {
  ArrowRight: (app) => { pause(app); go(app, app.step + 1); },
  ArrowLeft: (app) => { pause(app); go(app, app.step - 1); },
  Home: (app) => { pause(app); go(app, 0); },
  End: (app) => { pause(app); go(app, app.steps.length - 1); },
  " ": (app) => play(app),
  Escape: (app) => select(app, undefined),
  "+": (app) => zoom(app.picture, 1.3),
  "=": (app) => zoom(app.picture, 1.3),
  "-": (app) => zoom(app.picture, 1 / 1.3),
  0: (app) => fitAll(app.picture),
};

// Keys work everywhere but where they mean something of their own: in fields, sliders and buttons.
function listenToKeys(app) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event, index = nodeAt(target);
    if (event.key === "Escape") { KEYS.Escape(app); return; }
    if (target.matches("input, select, textarea")) return;
    if (index !== undefined && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); activate(app, index); return; }
    if (boxAt(app, target) && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); activateBox(app, boxAt(app, target)); return; }
    if (index !== undefined && app.compiled && app.graph.leafOf.has(index) && nudgeByKey(app, event, app.graph.leafOf.get(index))) {
      say(`${app.graph.nodes[index].name} = ${exact(app.graph.inputs[app.graph.leafOf.get(index)])}`);
      return;
    }
    if (target.matches("button") && event.key === " ") return;
    const act = KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act(app);
  });
}
