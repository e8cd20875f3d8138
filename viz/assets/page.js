// The page: buttons, keys, pointer and the panel, around one state.

const byId = (id) => document.getElementById(id);

function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// Labels may be written in any direction: isolated, they do not turn the formula around them.
const nameOf = (text) => element("bdi", "name", text);
const forward = (x, text = number(x)) => element("b", "forward", text);
const gradientText = (x, text = number(x)) => element("b", "gradient", text);

// A derivative as a fraction; the slash is there for those who hear or copy it.
const derivative = (of, by) => element("span", "fraction", element("span", "", "∂", nameOf(of)), element("i", "hidden", "/"), element("span", "", "∂", nameOf(by)));

function start(compiled) {
  const data = JSON.parse(byId("data").textContent);
  const graph = makeGraph(data);
  for (const leaf of graph.leaves) if (compiled) graph.nodes[leaf].leaf = true;
  const app = { data, graph, compiled, fallback: (data.recorded || []).map(Number), step: 0, steps: [], selected: undefined, hovered: undefined, timer: 0, frame: 0, rest: 0 };
  run(graph, compiled, app.fallback);
  app.steps = makeSteps(graph);
  app.step = app.steps.length - 1;
  app.pictures = new Map();
  fillLevels(app);
  fillNotes(app);
  fillOutputs(app);
  fillLeaves(app);
  listenToControls(app);
  listenToKeys(app);
  listenToPicture(app);
  listenToScrubber(app);
  listenToTheme(app);
  switchLevel(app, data.level);
  addEventListener("resize", () => app.picture.touched ? applyView(app.picture) : firstView(app.picture));
  document.documentElement.dataset.ready = "true";
  window.livePage = doorOf(app);
}

// ---------------------------------------------------------------- levels of detail

function fillLevels(app) {
  const names = { lesson: "Scalars", cards: "Cards", heat: "Heat" };
  byId("levels").hidden = app.data.views.length < 2;
  for (const { level } of app.data.views) {
    const radio = element("input");
    Object.assign(radio, { type: "radio", name: "level", value: level });
    radio.addEventListener("change", () => switchLevel(app, level));
    byId("levels").append(element("label", "", radio, element("span", "", names[level])));
  }
}

// Show the drawing at another level; each is bound and measured when it is first seen.
function switchLevel(app, level) {
  for (const holder of document.querySelectorAll(".view")) holder.hidden = holder.dataset.level !== level;
  document.querySelector(`#levels [value=${level}]`).checked = true;
  const known = app.pictures.get(level);
  if (!known) app.pictures.set(level, makePicture(app.graph, app.data.views.find((view) => view.level === level)));
  app.picture = app.pictures.get(level);
  if (known) {
    setStage(app.picture, app.picture.stage);
    applyView(app.picture);
  } else {
    measure(app.picture);
    app.picture.moved = () => moved(app);
    firstView(app.picture);
  }
  paint(app.picture, app.graph, app.step, true);
  select(app, app.selected !== undefined && app.picture.nodes[app.selected].group ? app.selected : undefined);
  show(app);
  describe(app.picture, app.graph, app.step);
}

// For the console and for tests: exact numbers by the names the drawing uses.
function doorOf(app) {
  const { graph } = app, node = (key) => graph.nodes.find((each) => each.key === key || each.name === key);
  return {
    keys: graph.quantities.map((each) => each.key),
    value: (key) => valueOf(graph, node(key)),
    gradient: (key) => gradientOf(graph, node(key)),
    set: (key, x) => { graph.inputs[graph.leafOf.get(node(key).index)] = x; update(app); },
    go: (step) => go(app, step),
    steps: app.steps.length,
  };
}

// ---------------------------------------------------------------- showing

// Everything that depends on the step, the numbers or the selection.
function show(app) {
  paint(app.picture, app.graph, app.step);
  point(app.picture, app.graph, app.steps[app.step]);
  showControls(app);
  showStep(app);
  showNode(app);
  rest(app);
}

// New numbers: run the program, repaint, and keep what the panel shows in step.
function update(app) {
  const reached = app.graph.nodes.map((node) => node.reached).join();
  run(app.graph, app.compiled, app.fallback);
  if (reached !== app.graph.nodes.map((node) => node.reached).join()) renewSteps(app);
  showLeaves(app);
  showScrubber(app);
  show(app);
}

// At most one update per frame, however many events a drag sends.
function updateSoon(app) {
  if (!app.frame) app.frame = requestAnimationFrame(() => { app.frame = 0; update(app); });
}

// Another part of the drawing came into sight: its numbers may be of an earlier step.
function moved(app) {
  placeScrubber(app);
  if (!app.painting) app.painting = requestAnimationFrame(() => { app.painting = 0; paint(app.picture, app.graph, app.step); });
}

// What only a screen reader or a tooltip needs waits until things rest.
function rest(app) {
  clearTimeout(app.rest);
  app.rest = setTimeout(() => describe(app.picture, app.graph, app.step), 250);
}

function renewSteps(app) {
  const atEnd = app.step === app.steps.length - 1;
  app.steps = makeSteps(app.graph);
  app.step = atEnd ? app.steps.length - 1 : Math.min(app.step, app.steps.length - 1);
}

function say(text) {
  byId("said").textContent = text;
}

// ---------------------------------------------------------------- steps

function go(app, step) {
  app.step = Math.max(0, Math.min(app.steps.length - 1, step));
  show(app);
  const at = app.steps[app.step];
  if (at.kind === "start" || at.kind === "done") return;
  follow(app.picture, at.kind === "seed" ? top(app.graph) : at.node.index);
}

function pause(app) {
  clearInterval(app.timer);
  app.timer = 0;
  showControls(app);
}

function play(app) {
  if (app.timer) { pause(app); return; }
  if (app.step === app.steps.length - 1) go(app, 0);
  app.timer = setInterval(() => {
    go(app, app.step + 1);
    if (app.step === app.steps.length - 1) pause(app);
  }, 1100);
  showControls(app);
}

function showControls(app) {
  const { step, steps } = app, last = steps.length - 1, range = byId("steps");
  range.max = String(last);
  range.value = String(step);
  range.setAttribute("aria-valuetext", titleOf(app));
  range.style.setProperty("--done", `${last ? step / last * 100 : 0}%`);
  range.style.setProperty("--seed", `${last ? app.graph.seed / last * 100 : 0}%`);
  byId("count").textContent = `${step} / ${last}`;
  byId("first").disabled = byId("back").disabled = step === 0;
  byId("last").disabled = byId("forth").disabled = step === last;
  byId("play").setAttribute("aria-label", app.timer ? "Pause" : "Play");
  byId("play").classList.toggle("playing", Boolean(app.timer));
}

function titleOf(app) {
  const { step, steps, graph } = app, at = steps[step];
  if (at.kind === "start") return "Start";
  if (at.kind === "done") return "Complete";
  if (at.kind === "seed") return "Backward · start";
  if (at.kind === "forward") return `Forward ${step} of ${graph.seed - 1} · ${at.node.fn}`;
  return `Backward ${step - graph.seed} of ${steps.length - 2 - graph.seed} · ${at.node.fn}`;
}

function showStep(app) {
  const { graph, step } = app, at = app.steps[step];
  byId("step-title").textContent = titleOf(app);
  const lines = { start: startLines, forward: forwardLines, seed: seedLines, backward: backwardLines, done: doneLines }[at.kind](graph, at.node, step);
  byId("step").replaceChildren(...lines);
}

function startLines(graph) {
  const given = graph.leafOrder.map((place) => graph.nodes[graph.leaves[place]]).filter((node) => node.kind !== "constant");
  const few = given.slice(0, 8).map((node) => element("p", "formula", nameOf(node.name), " = ", forward(valueOf(graph, node))));
  const more = given.length > 8 ? [element("p", "quiet", `… and ${given.length - 8} more`)] : [];
  return [element("p", "quiet", "Only the inputs are known."), ...few, ...more];
}

// c = a × b = 3 × 5 = 15
function forwardLines(graph, node) {
  const tails = node.into.map((edge) => graph.nodes[edge.from]);
  const symbols = written(node.fn, node.label, tails.map((tail) => ({ text: tail.name, rank: ATOM })));
  const numbers = written(node.fn, node.label, tails.map((tail) => operand(valueOf(graph, tail))));
  const lines = node.results.map((index, place) => {
    const result = graph.nodes[index], pick = node.results.length > 1 ? `[${place}]` : "";
    const names = new Set(tails.map((tail) => tail.name));
    const line = element("p", "formula", nameOf(result.name), " = ", ...symbols.map((part) => names.has(part) ? nameOf(part) : part), pick);
    if (!pick && symbols.join("") !== numbers.join("")) line.append(" = ", element("span", "muted", numbers.join("")));
    line.append(" = ", forward(valueOf(graph, result)));
    return line;
  });
  const state = stateOf(graph, node);
  return state ? [...lines, element("p", "quiet", STATES[state])] : lines;
}

const STATES = {
  dead: "Dead: its input is not above 0, so no gradient passes.",
  saturated: "Saturated: its slope is below 0.01, so almost no gradient passes.",
  "not finite": "The result is not a finite number, though its operands are.",
};

const operand = (x) => ({ text: number(x), rank: number(x).startsWith(MINUS) ? 0 : ATOM });

function seedLines(graph) {
  const { name } = graph.nodes[top(graph)];
  return [
    element("p", "formula", derivative(name, name), " = ", gradientText(1)),
    element("p", "quiet", "The output changes one for one with itself: the backward pass starts from 1."),
  ];
}

// ∂L/∂a += ∂L/∂c · ∂c/∂a = 10 · 1 = 10, and where several meet, the sum so far.
function backwardLines(graph, node, step) {
  const asked = node.into.filter((edge) => graph.nodes[edge.from].kind !== "constant");
  const lines = asked.flatMap((edge) => {
    const tail = graph.nodes[edge.from];
    if (!flows(graph, edge)) {
      const why = edge.flow === "never" && node.fn !== "where" ? "depends on it in no way a slope could show" : "was not taken";
      return [element("p", "quiet", nameOf(tail.name), ` ${why}: no gradient flows.`)];
    }
    return [contributionLine(graph, node, edge, tail)];
  });
  for (const tail of new Set(asked.map((edge) => graph.nodes[edge.from]))) {
    const sum = gradientAfter(graph, tail, step);
    if (sum.terms.length > 1 || !sum.done && sum.terms.length) lines.push(sumLine(graph, tail, sum));
  }
  return lines.length ? lines : [element("p", "quiet", "Its operands are constants: nobody asks for their gradients.")];
}

function contributionLine(graph, node, edge, tail) {
  const output = graph.nodes[top(graph)].name, line = element("p", "formula", derivative(output, tail.name), " += ");
  const reached = node.results.map((index, place) => [graph.nodes[index], place]).filter(([result]) => result.reached);
  const few = reached.slice(0, 3);
  few.forEach(([result], i) => line.append(i ? " + " : "", derivative(output, result.name), " · ", derivative(result.name, tail.name)));
  if (few.length < reached.length) line.append(" + …");
  line.append(" = ");
  few.forEach(([result, place], i) => line.append(i ? " + " : "", gradientText(0, signed(gradientOf(graph, result))), " · ", element("span", "local", signed(localOf(graph, edge, place)))));
  if (few.length < reached.length) line.append(" + …");
  line.append(" = ", gradientText(contribution(graph, edge)));
  return line;
}

function sumLine(graph, tail, { sum, terms, done }) {
  const output = graph.nodes[top(graph)].name, shown = terms.slice(-6);
  const line = element("p", "formula sum", derivative(output, tail.name), " = ", terms.length > 6 ? "… + " : "");
  if (terms.length > 1) line.append(shown.map((term, i) => i ? signed(term) : number(term)).join(" + "), " = ");
  line.append(gradientText(sum), done ? "" : element("span", "quiet", "  so far, more to come"));
  return line;
}

// What came of it: the output, and what each input is worth.
function doneLines(graph) {
  const outputs = graph.outputs.slice(0, MOST_ROWS).map((index) => element("p", "formula", nameOf(graph.nodes[index].name), " = ", forward(valueOf(graph, graph.nodes[index]))));
  const asked = graph.leafOrder.map((place) => graph.nodes[graph.leaves[place]]).filter((node) => node.kind !== "constant");
  const rows = asked.map((node) => element("li", "", derivative(graph.nodes[top(graph)].name, node.name), " = ", gradientText(gradientOf(graph, node))));
  return [...outputs, list(rows)];
}

// ---------------------------------------------------------------- the node

// The inside of a card, a layer or a box: its scalars, live, and the way to see them drawn one by one.
function boxLines(app, box) {
  const { graph, step } = app;
  const rows = box.scalars.map((index) => {
    const node = graph.nodes[index], { sum } = gradientAfter(graph, node, step), known = computed(graph, node, step);
    const name = element("button", "plain", nameOf(node.name));
    name.type = "button";
    name.addEventListener("click", () => { app.box = undefined; select(app, index); });
    return element("tr", "", element("th", "", name), element("td", "forward", known ? number(valueOf(graph, node)) : DASH), element("td", "gradient", `∂ ${number(sum)}`));
  });
  const made = [];
  if (box.inside.length) {
    const open = element("button", "", "Show these scalars");
    open.type = "button";
    open.id = "open";
    open.addEventListener("click", () => openBox(app, box));
    made.push(open);
  }
  if (!rows.length) made.push(element("p", "quiet", "Folded: the level Scalars shows what is inside."));
  else made.push(element("table", "scalars", element("tbody", "", ...rows)));
  return made;
}

// Go to the level of scalars, with what was in the box in sight and everything else faded.
function openBox(app, box) {
  switchLevel(app, "lesson");
  const inside = new Set(box.inside);
  for (const edge of app.graph.edges) if (inside.has(edge.to)) inside.add(edge.from);
  for (const index of box.inside) for (const result of app.graph.nodes[index].results) inside.add(result);
  const boxes = [...inside].map((index) => app.picture.nodes[index].box).filter(Boolean);
  glideTo(app.picture, boxes.reduce(union));
  app.picture.svg.classList.add("tracing");
  app.graph.nodes.forEach((node) => toggleOn(app.picture.nodes[node.index].group, inside.has(node.index)));
  for (const bound of app.picture.edges) for (const each of [bound.line, bound.label]) toggleOn(each, inside.has(bound.from) && inside.has(bound.to));
}

// The node under the pointer or the focus, else the one selected, else the one of the step.
function nodeInView(app) {
  const index = app.hovered !== undefined ? app.hovered : app.selected;
  if (index !== undefined) return app.graph.nodes[index];
  const at = app.steps[app.step];
  return at.kind === "seed" ? app.graph.nodes[top(app.graph)] : at.node;
}

function showNode(app) {
  const { graph } = app, node = nodeInView(app), box = app.hovered === undefined ? app.box : undefined;
  if (box) {
    byId("node-title").textContent = box.group.querySelector("text").textContent;
    byId("node").replaceChildren(...boxLines(app, box));
    highlight(app.picture, graph, undefined);
    return;
  }
  const wanted = app.hovered !== undefined || app.selected !== undefined;
  highlight(app.picture, graph, wanted ? node : undefined, app.hovered === undefined);
  graph.nodes.forEach((each) => toggleOn(app.picture.nodes[each.index].group, each.index === app.selected, "selected"));
  if (!node) {
    byId("node-title").textContent = "Node";
    byId("node").replaceChildren(element("p", "quiet", "Point at a node, or move to it with Tab, to see what it does."));
    return;
  }
  byId("node-title").replaceChildren(node.kind === "function" ? node.fn : node.kind, " ", nameOf(node.kind === "function" ? "" : node.name));
  byId("node").replaceChildren(...(node.kind === "function" ? functionLines(app, node) : quantityLines(app, node)));
}

function functionLines(app, node) {
  const { graph } = app, lines = [];
  if (app.data.about[node.fn]) lines.push(element("p", "quiet", app.data.about[node.fn]));
  if (node.forward > app.step) return [...lines, element("p", "quiet", "Not computed yet.")];
  const rows = node.into.flatMap((edge) => node.results.map((index, place) => {
    const result = graph.nodes[index], tail = graph.nodes[edge.from];
    const shown = flows(graph, edge) ? element("b", "local", number(localOf(graph, edge, place))) : element("span", "quiet", "no flow");
    return element("li", "", derivative(result.name, tail.name), " = ", shown, element("span", "quiet", " at ", nameOf(tail.name), " = ", forward(valueOf(graph, tail))));
  }));
  return [...lines, element("h3", "", "Local derivatives"), list(rows)];
}

const MOST_ROWS = 40;

function list(rows) {
  const more = rows.length > MOST_ROWS ? [element("li", "quiet", `… and ${rows.length - MOST_ROWS} more`)] : [];
  return element("ul", "facts-list", ...rows.slice(0, MOST_ROWS), ...more);
}

function quantityLines(app, node) {
  const { graph, step } = app, gradient = gradientAfter(graph, node, step), known = computed(graph, node, step);
  const facts = element("dl", "facts",
    element("dt", "", "value"), element("dd", "forward", known ? exact(valueOf(graph, node)) : DASH),
    element("dt", "", derivative(graph.nodes[top(graph)].name, node.name)), element("dd", "gradient", gradient.sum === undefined ? DASH : exact(gradient.sum)));
  if (!node.reached) return [facts, element("p", "quiet", node.out.length ? "No gradient flows from the output to here." : "The gradient starts elsewhere.")];
  if (!known) return [facts];
  const { paths, count } = gradient.done ? rankedPaths(graph, node) : { paths: [], count: 0 };
  const uses = links(graph, node).filter((link) => link.to.reached && computed(graph, link.to, step)).map((link) => element("li", "",
    derivative(link.to.name, node.name), " = ", element("b", "local", number(link.local)), element("span", "quiet", ` ${graph.nodes[link.edge.to].fn}`)));
  const made = [facts];
  if (uses.length) made.push(element("h3", "", "Local derivatives"), list(uses));
  if (paths.length && paths[0].links.length) made.push(element("h3", "", count > paths.length ? `Paths to the output, strongest ${paths.length} of ${number(count)}` : "Paths to the output"), pathList(graph, node, paths));
  return made;
}

const exact = (x) => String(x).replace(/-/g, MINUS).replace("Infinity", "∞").replace("NaN", "nan");

// Each path with the product of its local derivatives, and a bar for its share of the largest.
function pathList(graph, node, paths) {
  const largest = Math.abs(paths[0].product) || 1;
  return element("ol", "paths", ...paths.map((path) => {
    const bar = element("span", path.product < 0 ? "bar negative" : "bar");
    bar.style.width = `${Math.min(100, Math.abs(path.product) / largest * 100) || 0}%`;
    const via = element("span", "via", nameOf(node.name));
    path.links.forEach((link) => via.append(" → ", nameOf(link.to.name)));
    const shown = path.links.slice(0, 6).map((link) => signed(link.local)).join(" · ") + (path.links.length > 6 ? " · …" : "");
    return element("li", "", via, element("span", "product", element("span", "muted", path.links.length > 1 ? `${shown} = ` : ""), gradientText(path.product)), bar);
  }));
}

// ---------------------------------------------------------------- leaves

function fillLeaves(app) {
  const { graph } = app;
  app.fields = graph.leaves.map((leaf, place) => {
    const node = graph.nodes[leaf], field = element("input");
    Object.assign(field, { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false, disabled: !app.compiled });
    field.dataset.leaf = node.key;
    field.addEventListener("input", () => typed(app, field, place));
    field.addEventListener("blur", () => { field.removeAttribute("aria-invalid"); showLeaves(app); });
    field.addEventListener("keydown", (event) => nudgeByKey(app, event, place));
    field.addEventListener("focus", () => field.select());
    return field;
  });
  byId("leaves").replaceChildren(...graph.leafOrder.map((place) => [graph.leaves[place], place]).map(([leaf, place]) => element("label", `leaf-row ${graph.nodes[leaf].kind}`, nameOf(graph.nodes[leaf].kind === "constant" && !graph.nodes[leaf].label ? "constant" : graph.nodes[leaf].name), app.fields[place])));
  byId("reset-all").addEventListener("click", () => { graph.inputs = graph.recorded.slice(); update(app); });
  showLeaves(app);
}

// The fields say what the inputs are, except the one that is being typed in.
function showLeaves(app) {
  app.fields.forEach((field, place) => {
    const text = entryText(app.graph.inputs[place]);
    if (field !== document.activeElement && field.value !== text) field.value = text;
  });
  byId("reset-all").hidden = !app.graph.inputs.some((x, place) => !Object.is(x, app.graph.recorded[place]));
}

const entryText = (x) => exact(Math.abs(x) < 1e15 && x !== 0 && Math.abs(x) > 1e-6 ? Number(x.toPrecision(8)) : x);

function typed(app, field, place) {
  const x = parsed(field.value);
  field.setAttribute("aria-invalid", String(x === undefined));
  if (x === undefined) { say(`${field.value} is not a number`); return; }
  app.graph.inputs[place] = x;
  update(app);
}

// Up and down change a number by a hundredth of its size; with Shift by a tenth.
function nudgeByKey(app, event, place) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
  event.preventDefault();
  const unit = unitOf(app.graph.recorded[place]) * (event.shiftKey ? 10 : 1);
  setLeaf(app, place, tidy(app.graph.inputs[place] + (event.key === "ArrowUp" ? unit : -unit), unit));
  if (event.target.value !== undefined) event.target.value = entryText(app.graph.inputs[place]);
  return true;
}

// A power of ten, about a hundredth of the number it changes.
const unitOf = (x) => Number.isFinite(x) && x !== 0 ? 10 ** Math.floor(Math.log10(Math.max(Math.abs(x), 1e-3)) - 1.3) : 0.01;
const tidy = (x, unit) => Number((Math.round(x / unit) * unit).toPrecision(12));

function setLeaf(app, place, x) {
  app.graph.inputs[place] = x;
  updateSoon(app);
}

// ---------------------------------------------------------------- the scrubber

function listenToScrubber(app) {
  const field = byId("scrubber-number"), range = byId("scrubber-range"), place = () => app.graph.leafOf.get(app.selected);
  byId("scrubber").addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", () => typed(app, field, place()));
  field.addEventListener("keydown", (event) => nudgeByKey(app, event, place()));
  field.addEventListener("blur", () => { field.removeAttribute("aria-invalid"); showScrubber(app); });
  range.addEventListener("input", () => setLeaf(app, place(), tidy(Number(range.value), unitOf(app.graph.recorded[place()]) / 10)));
  byId("scrubber-reset").addEventListener("click", () => setLeaf(app, place(), app.graph.recorded[place()]));
  byId("scrubber-close").addEventListener("click", () => select(app, undefined));
}

// The slider reaches a few times the recorded number to either side, and follows what is typed beyond.
function showScrubber(app) {
  const box = byId("scrubber"), place = app.compiled ? app.graph.leafOf.get(app.selected) : undefined;
  box.hidden = place === undefined;
  if (box.hidden) return;
  const x = app.graph.inputs[place], recorded = app.graph.recorded[place], range = byId("scrubber-range"), field = byId("scrubber-number");
  const reach = Math.max(2, 2 * Math.abs(Number.isFinite(recorded) ? recorded : 0)), middle = Number.isFinite(recorded) ? recorded : 0;
  range.min = String(Math.min(middle - reach, Number.isFinite(x) ? x : middle));
  range.max = String(Math.max(middle + reach, Number.isFinite(x) ? x : middle));
  if (document.activeElement !== range) range.value = String(x);
  range.style.setProperty("--done", `${(Number(range.value) - range.min) / (range.max - range.min) * 100}%`);
  const node = app.graph.nodes[app.selected];
  byId("scrubber-name").textContent = node.kind === "constant" && !node.label ? "constant" : node.name;
  range.setAttribute("aria-label", `Value of ${node.name}`);
  if (document.activeElement !== field) field.value = entryText(x);
  byId("scrubber-reset").disabled = Object.is(x, recorded);
  placeScrubber(app);
}

// Under its circle, but inside the stage.
function placeScrubber(app) {
  const box = byId("scrubber"), group = app.selected !== undefined && app.picture.nodes[app.selected].group;
  if (box.hidden || !group) return;
  const stage = byId("stage").getBoundingClientRect(), node = group.getBoundingClientRect();
  const left = node.left + node.width / 2 - stage.left - box.offsetWidth / 2;
  const below = node.bottom - stage.top + 8, above = node.top - stage.top - box.offsetHeight - 8;
  box.style.left = `${Math.max(6, Math.min(stage.width - box.offsetWidth - 6, left))}px`;
  box.style.top = `${below + box.offsetHeight > stage.height - 4 && above > 4 ? above : Math.max(4, Math.min(below, stage.height - box.offsetHeight - 4))}px`;
}

// ---------------------------------------------------------------- pointing

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

// ---------------------------------------------------------------- controls and keys

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

// ---------------------------------------------------------------- theme, copy, notes

function listenToTheme(app) {
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { theme } = document.documentElement.dataset;
    const dark = theme === "dark" || theme === "auto" && prefers.matches;
    for (const { level, prefix } of app.data.views) {
      document.querySelector(`.view[data-level=${level}] svg style`).textContent = app.data.sheets[dark ? "dark" : "light"].split("PREFIX").join(prefix);
    }
  };
  for (const radio of document.querySelectorAll("#themes input")) {
    radio.checked = radio.value === app.data.theme;
    radio.addEventListener("change", () => { document.documentElement.dataset.theme = radio.value; apply(); });
  }
  prefers.addEventListener("change", apply);
  apply();
}

async function copySvg(app) {
  paint(app.picture, app.graph, app.step, true);
  const text = svgText(app.picture);
  try {
    await navigator.clipboard.writeText(text);
  } catch (refused) { // an old browser, or no permission: the older way needs a selection
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) { say(`The SVG could not be copied: ${refused.message}`); return; }
  }
  const button = byId("copy");
  button.textContent = "Copied";
  say("The SVG is on the clipboard");
  setTimeout(() => { button.textContent = "Copy SVG"; }, 1600);
}

function fillNotes(app) {
  byId("notes").replaceChildren(...app.data.notes.map((note) => element("li", "", note)));
}

// With several outputs one chooses which of them is differentiated.
function fillOutputs(app) {
  const { graph } = app, select_ = byId("output");
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
