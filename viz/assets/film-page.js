// The page: one state, and what is shown of it.

const LINES = 13, STEPS = 41, FRAMES_A_SECOND = 10, BUDGET = 14, SMALL = 600;
const byId = (id) => document.getElementById(id);

function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function start(forward, gradient) {
  const data = JSON.parse(byId("data").textContent), network = makeNetwork(data, forward, gradient);
  const cells = data.parameters > SMALL ? 48 : 80; // a large network is computed at fewer points
  const recorded = makeSet(unpacked(data.points), data.labels);
  const app = {
    data, network, recorded, set: recorded, frame: 0, playing: false, clock: 0, owed: 0, trainer: undefined,
    compare: "", pinned: undefined, ghost: undefined, split: 0.5, looked: undefined, latched: undefined, brush: 0, cross: undefined,
    theta: network.frames[0], live: [], drawn: 0, ink: inkOf(), cells, plane: lattice(data.extent, cells), grid: gridLines(data.extent, LINES, STEPS),
    settings: { rate: data.optimizer.lr, batch: recorded.labels.length, penalty: 0, optimizer: "SGD" },
  };
  app.scales = scalesOf(network, recorded);
  build(app);
  listen(app);
  lay(app);
  go(app, network.frames.length - 1);
  document.documentElement.dataset.ready = "true";
  window.filmPage = doorOf(app);
}

// One scale for the whole film: where all but the largest weights are, and the largest gradient at some frames.
function scalesOf(network, set) {
  const sizes = network.frames.flatMap((theta) => Array.from(theta, Math.abs)).filter(Number.isFinite).sort((a, b) => a - b);
  const weight = Math.max(sizes[Math.floor(0.98 * (sizes.length - 1))] || 0, 1e-12);
  let largest = 1e-300;
  const every = Math.ceil(network.frames.length / 8);
  for (let i = 0; network.gradient && i < network.frames.length; i += every) {
    for (const slope of measure(network, set, network.frames[i]).gradient || []) if (Number.isFinite(slope)) largest = Math.max(largest, Math.abs(slope));
  }
  return { weight, gradient: largest };
}

// For the console and for tests: exact numbers.
function doorOf(app) {
  const { network, data } = app;
  return {
    frames: data.epochs.length, epochs: data.epochs,
    go: (frame) => go(app, frame),
    theta: () => Array.from(app.theta),
    outputs: (points, frame) => Array.from(outputsOf(network, Float64Array.from(points.flat()), network.frames[frame])),
    state: () => ({ frame: app.frame, playing: app.playing, compare: app.compare, pinned: app.pinned, points: app.set.labels.length, live: app.live.length, ...measured(app) }),
  };
}

// ---------------------------------------------------------------- building

function build(app) {
  const { data, network } = app;
  byId("subtitle").textContent = data.subtitle;
  byId("epochs").max = data.epochs.length - 1;
  byId("batch").max = batchSizes(app).length - 1;
  byId("rate").value = Math.log10(data.optimizer.lr);
  byId("mode").hidden = !network.gradient;
  if (data.still) byId("notes").append(element("li", "", `The page cannot train this network: ${data.still}.`));
  const kind = data.optimizer.kind.startsWith("Adam") ? "Adam" : "SGD";
  document.querySelector(`[name=optimizer][value=${kind}]`).checked = true;
  const size = data.optimizer.batch || app.recorded.labels.length;
  byId("batch").value = Math.max(0, batchSizes(app).findLastIndex((each) => each <= size));
  readKnobs(app);
  const before = network.figures.length - network.layers.length;
  app.layers = network.figures.map((layer, i) => makeFigure(byId("layers"), layer, i - before));
  byId("layers-section").hidden = !network.figures.length;
  byId("network-section").hidden = !network.layers.length;
  if (!network.layers.length) byId("notes").append(element("li", "", "No layers were found in this model: only the boundary is shown."));
  app.curves = makeCurves(byId("curves"), data, (epoch) => go(app, nearest(data.epochs, epoch)));
  app.cards = makeCards(byId("cards"), network, { look: (...at) => look(app, at), toggle: (...at) => latch(app, at) });
  byId("cards").classList.toggle("without-gradients", !network.gradient);
  byId("scales").append(
    scaleOf("weights", `value ${number(-app.scales.weight)} … ${number(app.scales.weight)}`),
    ...(network.gradient ? [scaleOf("glow", `|∂ loss| ${number(app.scales.gradient / 1000)} … ${number(app.scales.gradient)}, logarithmic`)] : []),
    element("span", "quiet", "a unit’s picture: what it answers over the plane; hover or press to see it large"),
  );
  makeLegend(app);
  fillTable(data);
}

function scaleOf(kind, words) {
  return element("span", "scale", element("i", kind), words);
}

function makeFigure(box, layer, depth) {
  const name = depth < 0 ? layer.title : `${depth + 1} · ${layer.title}`;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  const note = layer.activation.endsWith("softmax") && layer.units === 2 ? "its scores; dashed where they are equal"
    : layer.units > 2 ? "two directions of widest spread at the last epoch" : layer.units === 1 ? "one unit, spread upright to be seen" : "";
  const caption = element("figcaption", "", element("b", "", name), ...(note ? [element("span", "quiet", note)] : []));
  canvas.setAttribute("aria-label", `${name}: the points and the plane’s grid as bent there`);
  box.append(element("figure", "", canvas, caption));
  return { layer, canvas };
}

// Classes by their marks, drawn as on the plane, in the legend and on the brushes.
function makeLegend(app) {
  app.marks = [];
  const mark = (label) => {
    const canvas = document.createElement("canvas");
    canvas.className = "mark";
    canvas.setAttribute("aria-hidden", "true");
    app.marks.push([canvas, label]);
    return canvas;
  };
  app.data.classes.forEach((name, label) => {
    byId("legend").append(element("span", "", mark(label), element("bdi", "", name)));
    const input = element("input");
    Object.assign(input, { type: "radio", name: "brush", value: label, checked: label === 0 });
    input.addEventListener("change", () => { app.brush = label; });
    byId("brushes").append(element("label", "", input, element("span", "", mark(label), element("bdi", "", name))));
  });
  byId("legend").append(element("span", "quiet", "strong outline: answered wrong"));
}

function fillTable(data) {
  const { epochs, history } = data, body = element("tbody"), cell = (x, scale = 1, unit = "") => element("td", "", x === null || x === undefined ? "–" : number(x * scale) + unit);
  for (const epoch of epochs) {
    const at = history.epoch.indexOf(epoch);
    const row = element("tr", "", element("th", "", epoch.toLocaleString("en")), cell(history.loss[at]), cell(history.accuracy[at], 100, " %"));
    row.firstChild.scope = "row";
    body.append(row);
  }
  const head = element("tr", "", ...["epoch", "loss", "accuracy"].map((name) => Object.assign(element("th", "", name), { scope: "col" })));
  byId("table").append(element("table", "", element("thead", "", head), body));
}

// ---------------------------------------------------------------- state

const nearest = (epochs, epoch) => epochs.reduce((best, each, i) => (Math.abs(each - epoch) < Math.abs(epochs[best] - epoch) ? i : best), 0);
const epochOf = (app) => app.data.epochs[app.frame] + (app.trainer ? app.trainer.epochs : 0);

// Go to a recorded epoch; what was trained in the page since is left behind.
function go(app, frame) {
  app.frame = clamp(frame, 0, app.network.frames.length - 1);
  app.theta = app.network.frames[app.frame];
  app.trainer = undefined;
  const had = app.live.length;
  app.live = [];
  if (had) layCurves(app);
  show(app);
}

function pin(app) {
  const outputs = outputsOf(app.network, app.plane, app.theta);
  app.pinned = epochOf(app);
  app.ghost = {
    facts: measured(app), outputs, boundary: boundaryOf(app.network, outputs, app.cells), frame: app.trainer ? undefined : app.frame,
    views: viewsOf(app, app.theta),
  };
  show(app);
}

function setCompare(app, kind) {
  const before = app.compare;
  app.compare = kind;
  byId("compare").value = kind;
  if (kind && !before) pin(app); else show(app);
}

// Loss and accuracy here: what the run recorded where it did, else measured at these parameters.
function measured(app) {
  const { history } = app.data, at = app.trainer ? -1 : history.epoch.indexOf(app.data.epochs[app.frame]);
  const now = app.now && app.now.theta === app.theta && app.now.steps === (app.trainer ? app.trainer.steps : 0) && app.now.set === app.set.points ? app.now : renew(app);
  const pick = (recorded, own) => (at >= 0 && recorded[at] !== null ? recorded[at] : own);
  return { epoch: epochOf(app), loss: pick(history.loss, now.loss), accuracy: pick(history.accuracy, now.accuracy) };
}

function renew(app) {
  app.now = { ...measure(app.network, app.set, app.theta), theta: app.theta, steps: app.trainer ? app.trainer.steps : 0, set: app.set.points };
  return app.now;
}

function viewsOf(app, theta) {
  const { network } = app, grid = outputsOf(network, app.grid, theta), points = outputsOf(network, app.set.points, theta);
  return network.figures.map((layer) => ({
    grid: projected(layer, grid, app.grid.length / 2), points: projected(layer, points, app.set.labels.length),
    lines: LINES, steps: STEPS, border: borderOf(network, layer),
  }));
}

// In the picture of two scores the boundary is their diagonal, of one score an upright line.
function borderOf(network, layer) {
  const { kind, at, middle, count } = network.decision, last = network.layers[network.layers.length - 1];
  if (layer !== last || count !== layer.units || network.classes > 2) return undefined;
  if (kind === "one") return layer.activation === "sigmoid" ? [1, 0, -0.5] : [1, 0, -middle];
  return kind === "classes" ? [1, -1, 0] : undefined;
}

// ---------------------------------------------------------------- playing

function play(app, playing) {
  if (playing && !app.trainer && !inPlayground() && app.frame === app.network.frames.length - 1) go(app, 0);
  app.playing = playing;
  app.owed = 0;
  app.clock = performance.now();
  byId("transport").classList.toggle("playing", playing);
  byId("train").textContent = playing ? "Pause" : "Train";
  byId("play").setAttribute("aria-label", playing ? "Pause" : inPlayground() ? "Train" : "Play");
  if (playing) requestAnimationFrame((now) => tick(app, now));
  else { show(app); say(app); }
}

const inPlayground = () => byId("mode").getAttribute("aria-pressed") === "true";

function tick(app, now) {
  if (!app.playing) return;
  const speed = Number(byId("speed").value), passed = Math.min(now - app.clock, 250);
  app.clock = now;
  app.owed += (passed / 1000) * speed * (inPlayground() ? 60 : FRAMES_A_SECOND);
  const whole = Math.floor(app.owed);
  app.owed -= whole;
  if (whole && inPlayground()) trainFor(app, whole);
  else if (whole) {
    const frame = Math.min(app.frame + whole, app.network.frames.length - 1);
    go(app, frame);
    if (frame === app.network.frames.length - 1) play(app, false);
  }
  if (app.playing) requestAnimationFrame((later) => tick(app, later));
}

// Some epochs, as many as a frame has time for.
function trainFor(app, epochs) {
  const trainer = trainerOf(app), until = trainer.epochs + epochs, started = performance.now();
  while (trainer.epochs < until && performance.now() - started < BUDGET) {
    if (!takeStep(trainer)) { play(app, false); break; }
  }
  trained(app);
}

function trainerOf(app) {
  if (!app.trainer) {
    app.trainer = makeTrainer(app.network, app.theta, app.data.epochs[app.frame], app.set, app.settings);
    app.theta = app.trainer.theta;
  }
  return app.trainer;
}

// After steps: the curves grow by what is measured now.
function trained(app) {
  const row = { ...measured(app), epoch: epochOf(app) }, before = app.live[app.live.length - 1];
  if (before && before.epoch === row.epoch) app.live[app.live.length - 1] = row;
  else app.live.push(row);
  if (app.live.length > 1500) app.live = app.live.filter((_, i) => i % 2 === 0 || i === app.live.length - 1);
  layCurves(app);
  show(app);
}
