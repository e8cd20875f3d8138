// What the reader does: buttons, keys, the pointer, the knobs of the playground.

function listen(app) {
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

function listenToTransport(app) {
  const on = (id, act) => byId(id).addEventListener("click", act), last = app.network.frames.length - 1;
  const jump = (frame) => { play(app, false); go(app, frame); say(app); };
  on("first", () => jump(0));
  on("last", () => jump(last));
  on("back", () => jump(app.frame - 1));
  on("forth", () => jump(app.frame + 1));
  on("play", () => play(app, !app.playing));
  on("train", () => play(app, !app.playing));
  on("pin", () => pin(app));
  on("mode", () => setMode(app, !inPlayground()));
  byId("epochs").addEventListener("input", (event) => { if (app.playing) play(app, false); go(app, Number(event.target.value)); });
  byId("epochs").addEventListener("change", () => say(app));
  byId("compare").addEventListener("change", (event) => setCompare(app, event.target.value));
  byId("divider").addEventListener("input", (event) => { app.split = Number(event.target.value); show(app); });
}

function setMode(app, on) {
  play(app, false);
  byId("mode").setAttribute("aria-pressed", String(on));
  byId("plane").tabIndex = on ? 0 : -1;
  app.cross = undefined;
  app.set = on ? makeSet(app.recorded.base, app.recorded.labels) : app.recorded;
  byId("noise").value = 0;
  readKnobs(app);
  byId("play").setAttribute("aria-label", on ? "Train" : "Play");
  go(app, app.frame);
  lay(app);
}

// Keys act anywhere but where the reader types or a control has them already.
function listenToKeys(app) {
  const jump = (frame) => { play(app, false); go(app, frame); say(app); };
  const keys = {
    ArrowLeft: () => jump(app.frame - 1), ArrowRight: () => jump(app.frame + 1), Home: () => jump(0), End: () => jump(app.network.frames.length - 1),
    " ": () => play(app, !app.playing), c: () => setCompare(app, app.compare === "" ? "ghost" : app.compare === "ghost" ? "split" : ""),
    p: () => byId("mode").hidden || setMode(app, !inPlayground()), s: () => inPlayground() && single(app),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const own = event.target.closest("input, select, summary, [tabindex='0']"), button = event.target.closest("button");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (own && !(event.target.id === "epochs" && key === " ") && key.length !== 1) return;
    if ((own || button) && key === " " && event.target.id !== "epochs") return;
    if (own && event.target.matches("select")) return;
    if (!keys[key]) return;
    event.preventDefault();
    keys[key]();
  });
}

// ---------------------------------------------------------------- knobs

// 1, 2, 5, 10 …, the run’s own, and at last all points.
function batchSizes(app) {
  const n = Math.max(1, app.set.labels.length), usual = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, app.data.optimizer.batch || 1];
  return [...new Set(usual)].filter((size) => size < n).sort((a, b) => a - b).concat(n);
}

// The run's own learning rate holds to the last digit until its knob is moved.
function readKnobs(app, moved) {
  const { settings } = app, sizes = batchSizes(app), size = sizes[Math.min(Number(byId("batch").value), sizes.length - 1)];
  byId("batch").max = sizes.length - 1;
  if (moved === "rate") settings.rate = Number((10 ** Number(byId("rate").value)).toPrecision(3));
  settings.batch = size;
  const strength = Number(byId("penalty").value);
  settings.penalty = strength ? Number((10 ** (strength / 10 - 5)).toPrecision(2)) : 0;
  settings.optimizer = document.querySelector("[name=optimizer]:checked").value;
  byId("rate-shown").textContent = number(settings.rate);
  byId("batch-shown").textContent = size === sizes[sizes.length - 1] ? "all" : String(size);
  byId("penalty-shown").textContent = settings.penalty ? number(settings.penalty) : "0";
  byId("noise-shown").textContent = byId("noise").value;
  for (const input of document.querySelectorAll(".knobs input")) {
    input.style.setProperty("--done", `${(100 * (input.value - input.min)) / (input.max - input.min || 1)}%`);
    input.setAttribute("aria-valuetext", input.parentElement.querySelector("output").textContent);
  }
}

function listenToKnobs(app) {
  for (const input of document.querySelectorAll(".knobs input, [name=optimizer]")) input.addEventListener("input", () => readKnobs(app, input.id));
  byId("noise").addEventListener("input", (event) => { scatter(app.set, (Number(event.target.value) * (app.data.extent[1] - app.data.extent[0])) / 2); refeed(app); });
  byId("single").addEventListener("click", () => single(app));
  byId("rewind").addEventListener("click", () => { play(app, false); go(app, app.frame); });
  byId("undo").addEventListener("click", () => { dropPoint(app.set); refeed(app); });
  byId("clear").addEventListener("click", () => { app.set = makeSet([], []); refeed(app); });
  byId("restore").addEventListener("click", () => {
    app.set = makeSet(app.recorded.base, app.recorded.labels);
    byId("noise").value = 0;
    refeed(app);
  });
}

function single(app) {
  if (app.playing) play(app, false);
  takeStep(trainerOf(app));
  trained(app);
  say(app);
}

// Other points: the running training takes them at once.
function refeed(app) {
  const whole = app.settings.batch;
  if (app.trainer) feed(app.trainer, app.set);
  const sizes = batchSizes(app), all = byId("batch-shown").textContent === "all";
  byId("batch").max = sizes.length - 1;
  byId("batch").value = all ? sizes.length - 1 : Math.max(0, sizes.findLastIndex((size) => size <= whole));
  readKnobs(app);
  renew(app);
  show(app);
}

// ---------------------------------------------------------------- the plane

function listenToPlane(app) {
  const canvas = byId("plane");
  let dragging = false;
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
    byId("divider").value = app.split;
    show(app);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { dragging = false; });
  canvas.addEventListener("keydown", (event) => moveCross(app, event));
  canvas.addEventListener("blur", () => { app.cross = undefined; show(app); });
}

function drawPoint(app, across, down) {
  const [left, right, bottom, top] = app.data.extent;
  addPoint(app.set, left + across * (right - left), top - down * (top - bottom), app.brush);
  refeed(app);
}

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

// The number behind the cell under the pointer.
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

function listenToTheme(app) {
  const root = document.documentElement, renew = () => { app.ink = inkOf(); lay(app); show(app); };
  document.querySelector(`[name=theme][value=${root.dataset.theme}]`).checked = true;
  for (const input of document.querySelectorAll("[name=theme]")) {
    input.addEventListener("change", () => { root.dataset.theme = input.value; renew(); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renew);
}
