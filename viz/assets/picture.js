// The drawing: finds each number in the SVG once, then rewrites only the texts that changed.

const SVG = "http://www.w3.org/2000/svg";
const LARGE = 300;

// One number in the picture. `rest` are the classes that say how, not what, it is.
function textBinding(element) {
  if (!element) return undefined;
  const [role, ...rest] = (element.getAttribute("class") || "").split(" ");
  const note = element.querySelector("tspan");
  if (!element.firstChild || element.firstChild.nodeType !== Node.TEXT_NODE) element.prepend("");
  return { element, note, role, rest: rest.join(" "), size: Number(element.getAttribute("font-size")), shown: element.firstChild.data, noted: note ? note.textContent : "" };
}

function write(binding, text, role, note = "") {
  if (!binding) return;
  if (binding.shown !== text) binding.element.firstChild.data = binding.shown = text;
  if (role && binding.role !== role) binding.element.setAttribute("class", `${binding.role = role} ${binding.rest}`);
  if (binding.note && binding.noted !== note) binding.note.textContent = binding.noted = note;
}

// Keep a number inside its circle: the circle was measured for the recorded one.
function fit(binding, text, room) {
  const size = Math.min(binding.size, room / Math.max(width(text), 0.1));
  if (binding.fitted !== size) binding.element.setAttribute("font-size", String(Math.round((binding.fitted = size) * 10) / 10));
}

function restyle(binding, role) {
  if (binding && binding.role !== role) binding.element.setAttribute("class", binding.role = role);
}

function shapeBinding(element) {
  return element ? { element, role: element.getAttribute("class"), own: element.getAttribute("class") } : undefined;
}

// Find everything that changes, by the ids that every drawing carries. A view is the drawing at one
// level of detail; what a coarse one folds has no element of its own.
function makePicture(graph, view) {
  const holder = document.querySelector(`.view[data-level=${view.level}]`), svg = holder.querySelector("svg");
  const { prefix } = view, find = (key) => document.getElementById(`${prefix}-${key}`);
  const picture = { svg, prefix, view, holder, stageElement: byId("drawing"), nodes: [], edges: [], boxes: [], texts: [], cells: [], full: { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height } };
  svg.setAttribute("role", "group");
  svg.classList.toggle("large", graph.nodes.length > LARGE && view.level === "lesson");
  for (const node of graph.nodes) picture.nodes[node.index] = bindNode(node, find(`n-${node.key}`), find(`t-${node.key}`));
  for (const edge of graph.edges) picture.edges.push(bindEdge(edge, edge.from, edge.to, find, view.largest));
  for (const node of graph.nodes) {
    if (node.maker >= 0) picture.edges.push(bindEdge({ key: `${node.key}-in`, flow: "always", result: true }, node.maker, node.index, find, view.largest));
  }
  for (const box of view.boxes || []) bindBox(picture, box, find(`n-${box.key}`));
  picture.cursor = document.createElementNS(SVG, "rect");
  picture.cursor.setAttribute("class", "cursor");
  const firstNode = svg.querySelector("g[class^=node]");
  if (firstNode) firstNode.before(picture.cursor);
  for (const element of svg.querySelectorAll("g.edge, g.label, g.legend")) element.setAttribute("aria-hidden", "true");
  return picture;
}

// A card, a layer or a block: each number and each cell in it stands for a scalar.
function bindBox(picture, box, group) {
  if (!group) return;
  const texts = group.querySelectorAll("text"), shapes = group.querySelectorAll("rect, circle");
  const bound = { group, box: undefined, inside: box.inside, scalars: [], key: box.key };
  for (const [index, node, what] of box.texts) {
    picture.texts.push({ text: textBinding(texts[index]), node, what, bound });
    claim(picture, bound, texts[index], node);
    if (!what) claimRow(texts[index - 1], node);
  }
  for (const [index, node, what] of box.cells) {
    picture.cells.push({ shape: shapeBinding(shapes[index]), node, what, bound });
    claim(picture, bound, shapes[index], node);
  }
  bound.frameElement = shapes[0];
  group.dataset.box = picture.boxes.push(bound) - 1;
  group.setAttribute("tabindex", "0");
  group.setAttribute("role", "button");
  group.classList.add("node");
  for (const index of box.inside) if (!picture.nodes[index].group) picture.nodes[index] = { group: null, inBox: bound };
}

// Pointing at a cell means its scalar: that is where its scrubber opens.
function claim(picture, bound, element, node) {
  element.dataset.node = node;
  if (bound.scalars.includes(node)) return;
  bound.scalars.push(node);
  if (!picture.nodes[node].group) picture.nodes[node] = { group: element, cell: true };
}

// In a card the name and the pill behind a number belong to it.
function claimRow(name, node) {
  name.dataset.node = node;
  if (name.previousElementSibling && name.previousElementSibling.classList.contains("pill")) name.previousElementSibling.dataset.node = node;
}

function bindNode(node, group, total) {
  if (!group) return { group: null };
  const texts = group.querySelectorAll("text"), shape = group.querySelector("circle, rect");
  const bound = { group, shape: shapeBinding(shape), total: total && textBinding(total.querySelector("text")), totalGroup: total };
  const wide = shape.tagName === "circle" ? 2 * shape.r.baseVal.value : shape.width.baseVal.value;
  bound.room = wide - (node.kind === "parameter" ? 15 : 9);
  if (node.kind === "function") bound.state = textBinding(texts[1]);
  else if (!node.label) bound.value = textBinding(texts[0]);
  else if (node.kind !== "constant") bound.value = textBinding(texts[1]);
  group.dataset.node = node.index;
  group.setAttribute("tabindex", "0");
  group.setAttribute("role", "button");
  group.classList.add("node");
  if (node.leaf) group.classList.add("leaf");
  return bound;
}

function bindEdge(edge, from, to, find, largest) {
  const line = find(`e-${edge.key}`), label = find(`l-${edge.key}`);
  const texts = label ? label.querySelectorAll("text") : [];
  const bound = { edge, from, to, line, label, path: line && shapeBinding(line.querySelector("path")) };
  bound.value = textBinding(texts[texts.length - 2]);
  bound.wide = bound.path && bound.path.element.style.strokeWidth ? largest : 0; // inside a network: as wide as its gradient
  bound.gradient = edge.flow === "never" ? undefined : textBinding(texts[texts.length - 1]);
  return bound;
}

// Show the numbers that are known after `step`: of what is in sight, so that a graph of a thousand
// nodes follows a drag within a frame. `all` is for a copy of the picture.
function paint(picture, graph, step, all = false) {
  const after = [], see = all ? () => true : sight(picture);
  const gradient = (node) => after[node.at] = after[node.at] || gradientAfter(graph, node, step);
  for (const node of graph.nodes) {
    const bound = picture.nodes[node.index];
    if (!bound.group || bound.cell || !see(bound)) continue;
    if (node.kind === "function") paintFunction(bound, graph, node, step);
    else paintQuantity(bound, graph, node, step, gradient(node));
  }
  for (const bound of picture.edges) if (bound.line && see(bound)) paintEdge(bound, graph, step, gradient);
  for (const each of picture.texts) if (see(each.bound)) paintText(each, graph, step, gradient);
  for (const each of picture.cells) if (see(each.bound)) paintCell(each, picture.view, graph, step, gradient);
}

// What stands in a row of a card: the value, or the gradient after its ∂.
function paintText({ text, node, what }, graph, step, gradient) {
  const at = graph.nodes[node];
  if (what) {
    const { sum } = gradient(at);
    write(text, `∂ ${number(sum)}`, inkOf(sum));
  } else {
    const known = computed(graph, at, step);
    write(text, known ? number(valueOf(graph, at)) : DASH, known ? "forward" : "muted");
  }
}

// The colour of a cell, on the scales of the drawing: the legend stays true.
function paintCell({ shape, node, what }, view, graph, step, gradient) {
  const at = graph.nodes[node];
  const x = what ? gradient(at).sum : computed(graph, at, step) ? valueOf(graph, at) : undefined;
  restyle(shape, x === undefined ? "constant" : !Number.isFinite(x) ? "warning" : what ? glow(x, view.gradient) : signedHeat(x, view.value));
}

const HEAT_STEPS = 24, DECADES = 3;
const signedHeat = (x, most) => `heat${Math.round(Math.max(-1, Math.min(1, x / most)) * HEAT_STEPS) || 0}`;

function glow(x, most) {
  if (x === 0 || !most) return "glow0";
  return `glow${Math.round(Math.max(0, Math.min(1, 1 + Math.log10(Math.abs(x) / most) / DECADES)) * HEAT_STEPS)}`;
}

// Whether something bound meets the part of the drawing that is shown. Far out, no text can be read.
function sight(picture) {
  const { x, y, scale } = picture.sightline, margin = 40;
  const right = x + picture.stageElement.clientWidth / scale + margin, bottom = y + picture.stage / scale + margin;
  return ({ box }) => box.x < right && box.x + box.width > x - margin && box.y < bottom && box.y + box.height > y - margin;
}

// Where the texts of everything bound stand: measured once, since only their words change.
function measure(picture) {
  for (const bound of picture.nodes) {
    if (!bound.group) continue;
    bound.frame = bound.cell ? bound.group.getBBox() : bound.shape.element.getBBox();
    bound.box = union(bound.group.getBBox(), bound.totalGroup ? bound.totalGroup.getBBox() : undefined);
  }
  for (const bound of picture.boxes) bound.frame = bound.box = bound.frameElement.getBBox();
  for (const bound of picture.edges) if (bound.line) bound.box = union(bound.line.getBBox(), bound.label ? bound.label.getBBox() : undefined);
}

function union(a, b) {
  if (!b) return a;
  const x = Math.min(a.x, b.x), y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

function paintQuantity(bound, graph, node, step, gradient) {
  const known = computed(graph, node, step), value = valueOf(graph, node);
  const strange = known && (!Number.isFinite(value) || (node.kind !== "constant" && gradient.sum !== undefined && !Number.isFinite(gradient.sum)));
  restyle(bound.shape, strange ? "warning" : bound.shape.own === "warning" ? plainRole(node) : bound.shape.own);
  if (bound.value) {
    const text = known ? number(value) : DASH;
    fit(bound.value, text, bound.room);
    write(bound.value, text, strange ? "warning-text" : node.kind === "constant" ? "constant-text" : "value-text");
  }
  write(bound.total, `∂ ${number(gradient.sum)}`, inkOf(gradient.sum), sumOf(gradient));
  bound.group.classList.toggle("waiting", !known);
}

const plainRole = (node) => node.kind === "constant" || node.kind === "output" ? node.kind : "value";
const inkOf = (gradient) => gradient === undefined ? "muted" : Number.isFinite(gradient) ? "gradient" : "warning-text";

const FUNCTION_ROLES = { "": "function", dead: "asleep", saturated: "saturated", "not finite": "warning" };

function paintFunction(bound, graph, node, step) {
  const known = node.forward <= step, state = known ? stateOf(graph, node) : "";
  restyle(bound.shape, FUNCTION_ROLES[state]);
  if (state && !bound.state) bound.state = addState(bound);
  write(bound.state, state);
  bound.group.classList.toggle("waiting", !known);
}

// The word under a square ("dead"), for a function that had no such state when it was drawn.
function addState(bound) {
  const box = bound.shape.element, text = document.createElementNS(SVG, "text");
  text.setAttribute("class", "muted halo");
  text.setAttribute("x", String(box.x.baseVal.value + box.width.baseVal.value / 2));
  text.setAttribute("y", String(box.y.baseVal.value + box.height.baseVal.value + 13));
  text.setAttribute("font-size", "10.5");
  text.setAttribute("text-anchor", "middle");
  bound.group.append(text);
  return textBinding(text);
}

function paintEdge(bound, graph, step, after) {
  const { edge } = bound, head = graph.nodes[bound.to], tail = graph.nodes[bound.from];
  const source = edge.result ? head : tail, known = computed(graph, source, step);
  write(bound.value, known ? number(valueOf(graph, source)) : DASH, !known ? "muted" : Number.isFinite(valueOf(graph, source)) ? "forward" : "warning-text");
  bound.line.classList.toggle("waiting", !(edge.result ? known : known && head.forward <= step));
  if (edge.flow === "never") return;
  const open = edge.result || flows(graph, edge);
  let gradient, note = "";
  if (edge.result) {
    gradient = after(head).sum;
    note = sumOf(after(head));
  } else if (open && pulled(graph, edge, step)) {
    gradient = contribution(graph, edge);
    const upstream = head.results.length === 1 ? gradientOf(graph, graph.nodes[head.results[0]]) : undefined;
    if (upstream !== undefined) note = ` = ${signed(upstream)}·${signed(localOf(graph, edge, 0))}`;
  }
  write(bound.gradient, open || !known ? number(gradient) : "not taken", open ? inkOf(gradient) : "muted", note);
  if (!bound.path) return;
  const role = !open ? "untaken" : gradient === 0 && tail.kind !== "constant" ? "still" : "edge";
  if (!bound.wide) { restyle(bound.path, role); return; }
  restyle(bound.path, role !== "edge" || gradient === undefined ? role : gradient > 0 ? "positive" : "negative");
  bound.path.element.style.strokeWidth = String(gradient === undefined ? 1 : 0.6 + 4.4 * Math.min(1, Math.abs(gradient) / bound.wide));
}

// " = 3 + 4" where several contributions meet, and "…" while more are to come.
function sumOf({ terms, done }) {
  if (terms.length < 2 && (done || !terms.length)) return "";
  const text = " = " + terms.map((term, i) => i ? signed(term) : number(term)).join(" + ") + (done ? "" : " + …");
  return width(text) * 10.5 <= 122 ? text : done ? ` = sum of ${terms.length}` : ` = sum of ${terms.length} so far`;
}

// What a screen reader says of a node, and the exact numbers of its tooltip. Called when things rest.
function describe(picture, graph, step) {
  for (const node of graph.nodes) {
    const bound = picture.nodes[node.index];
    if (!bound.group || bound.cell) continue;
    const text = spoken(graph, node, step);
    if (bound.spoken === text) continue;
    bound.group.setAttribute("aria-label", bound.spoken = text);
    tooltip(bound.group, text);
  }
  for (const { group, scalars } of picture.boxes) {
    group.setAttribute("aria-label", `${group.querySelector("text").textContent}, ${scalars.length ? `${scalars.length} scalars inside` : "folded"}`);
  }
}

function tooltip(group, text) {
  let title = group.firstElementChild;
  if (title.tagName !== "title") group.prepend(title = document.createElementNS(SVG, "title"));
  title.textContent = text;
}

function spoken(graph, node, step) {
  if (node.kind === "function") {
    const operands = node.into.map((edge) => graph.nodes[edge.from].name).join(", ");
    const state = node.forward <= step ? stateOf(graph, node) : "not computed yet";
    return `${node.fn} of ${operands}${state ? `, ${state}` : ""}`;
  }
  const value = computed(graph, node, step) ? `value ${valueOf(graph, node)}` : "not computed yet";
  if (node.kind === "constant") return `constant ${node.label || ""} ${value}`;
  const gradient = gradientAfter(graph, node, step);
  return `${node.kind} ${node.name}, ${value}, gradient ${gradient.sum === undefined ? "not computed" : gradient.sum}`;
}

// Highlight everything on a path from `node` to the output, and quieten the rest.
// (gently, for a node that stays selected while its number is changed).
function highlight(picture, graph, node, gently) {
  picture.svg.classList.toggle("tracing", Boolean(node));
  picture.svg.classList.toggle("gently", Boolean(node && gently));
  if (!node) return;
  const on = pathsFrom(graph, node);
  graph.nodes.forEach((each) => { const { group, totalGroup } = picture.nodes[each.index]; toggleOn(group, on.has(each.index)); toggleOn(totalGroup, on.has(each.index)); });
  for (const { group, inside, scalars } of picture.boxes) toggleOn(group, !inside.length && !scalars.length || [...inside, ...scalars].some((index) => on.has(index)));
  for (const bound of picture.edges) {
    const both = on.has(bound.from) && on.has(bound.to) && (bound.edge.result || flows(graph, bound.edge));
    toggleOn(bound.line, both);
    toggleOn(bound.label, both);
  }
}

const toggleOn = (element, on, name = "on") => { if (element) element.classList.toggle(name, on); };

// The frame that glides to the node of the current step, and the edges the step works on.
function point(picture, graph, step) {
  const node = step.kind === "seed" ? graph.nodes[top(graph)] : step.node;
  const place = node && (picture.nodes[node.index].inBox || picture.nodes[node.index]), group = place && place.group;
  picture.cursor.style.display = group ? "" : "none";
  picture.svg.dataset.phase = step.kind;
  for (const bound of picture.edges) {
    const active = Boolean(node) && (bound.to === node.index && node.kind === "function" || bound.from === node.index && bound.edge.result);
    if (bound.line) bound.line.classList.toggle("active", active);
  }
  if (!group) return;
  const { frame } = place, margin = 7;
  const put = { x: frame.x - margin, y: frame.y - margin, width: frame.width + 2 * margin, height: frame.height + 2 * margin, rx: node.kind === "function" || place.cell ? 10 : (frame.height + 2 * margin) / 2 };
  for (const [name, size] of Object.entries(put)) picture.cursor.style[name] = `${size}px`;
}

// ---------------------------------------------------------------- zoom and pan

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const READABLE = 0.62, LARGEST = 1.25, LEGIBLE = 0.22;

// The whole drawing where it stays readable, else its beginning at a readable size.
function firstView(picture) {
  const view = frame(picture);
  const whole = Math.min(view.width / picture.full.width, LARGEST);
  view.scale = Math.max(whole, Math.min(READABLE, LARGEST));
  setStage(picture, Math.min(view.most, Math.max(180, picture.full.height * view.scale)));
  const fits = Math.min(whole, view.most / picture.full.height);
  if (fits >= READABLE) view.scale = fits;
  picture.sightline = { x: 0, y: 0, scale: view.scale };
  if (picture.full.width * view.scale <= view.width) picture.sightline.x = (picture.full.width - view.width / view.scale) / 2;
  if (fits < READABLE) picture.sightline.y = startOf(picture) - picture.stage / view.scale / 2;
  else picture.sightline.y = (picture.full.height - picture.stage / view.scale) / 2;
  applyView(picture);
}

// Where the eye should begin: the height of the first node, but no emptiness above or below the drawing.
function startOf(picture) {
  const first = picture.nodes.find((bound) => bound.group && bound.frame), half = picture.stage / READABLE / 2;
  const middle = first.frame.y + first.frame.height / 2;
  return picture.full.height < 2 * half ? picture.full.height / 2 : Math.max(half, Math.min(picture.full.height - half, middle));
}

function frame(picture) {
  const width = picture.stageElement.clientWidth;
  return { width, most: Math.max(260, innerHeight * 0.6), scale: 1 };
}

function setStage(picture, height) {
  picture.stage = Math.round(height);
  picture.stageElement.style.height = `${picture.stage}px`;
}

function applyView(picture) {
  const { x, y, scale } = picture.sightline, wide = picture.stageElement.clientWidth;
  picture.svg.setAttribute("viewBox", `${x} ${y} ${wide / scale} ${picture.stage / scale}`);
  // A finger scrolls the page, unless there is something of the drawing above or below.
  picture.svg.style.touchAction = picture.full.height * scale > picture.stage + 2 ? "none" : "pan-y";
  picture.svg.classList.toggle("far", scale < LEGIBLE);
  if (picture.moved) picture.moved();
}

function fitAll(picture) {
  const { width } = frame(picture), scale = Math.min(width / picture.full.width, picture.stage / picture.full.height, LARGEST);
  glide(picture, { x: (picture.full.width - width / scale) / 2, y: (picture.full.height - picture.stage / scale) / 2, scale });
}

// Bring a part of the drawing into sight, as large as it can be read.
function glideTo(picture, { x, y, width, height }) {
  const wide = picture.stageElement.clientWidth, scale = Math.max(0.45, Math.min(wide / (width + 60), picture.stage / (height + 60), 1));
  glide(picture, { x: x + width / 2 - wide / scale / 2, y: y + height / 2 - picture.stage / scale / 2, scale });
}

// Zoom so that the point under (px, py), in pixels of the stage, stays where it is.
function zoom(picture, factor, px = picture.stageElement.clientWidth / 2, py = picture.stage / 2) {
  const view = picture.sightline, scale = Math.min(4, Math.max(0.02, view.scale * factor));
  picture.sightline = { x: view.x + px / view.scale - px / scale, y: view.y + py / view.scale - py / scale, scale };
  picture.touched = true;
  applyView(picture);
}

// Move to a view within a fifth of a second, or at once for those who want no motion.
function glide(picture, target) {
  picture.touched = true;
  cancelAnimationFrame(picture.gliding);
  const from = { ...picture.sightline }, begun = performance.now();
  if (still()) { picture.sightline = target; applyView(picture); return; }
  const tick = (now) => {
    const t = Math.min(1, Math.max(0, (now - begun) / 200)), ease = t * (2 - t);
    for (const key of ["x", "y", "scale"]) picture.sightline[key] = from[key] + (target[key] - from[key]) * ease;
    applyView(picture);
    if (t < 1) picture.gliding = requestAnimationFrame(tick);
  };
  picture.gliding = requestAnimationFrame(tick);
}

// Keep a node in sight: a large drawing follows the step.
function follow(picture, index) {
  const bound = picture.nodes[index] && (picture.nodes[index].inBox || picture.nodes[index]);
  if (!bound || !bound.group) return;
  const { box } = bound, { sightline: view } = picture, edge = 30;
  const wide = picture.stageElement.clientWidth / view.scale, tall = picture.stage / view.scale;
  const inside = box.x - edge > view.x && box.x + box.width + edge < view.x + wide && box.y - edge > view.y && box.y + box.height + edge < view.y + tall;
  if (!inside) glide(picture, { x: box.x + box.width / 2 - wide / 2, y: box.y + box.height / 2 - tall / 2, scale: view.scale });
}

// The drawing as a file of its own: what the page added is taken off, the numbers stay.
function svgText(picture) {
  const copy = picture.svg.cloneNode(true), { width, height } = picture.full;
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height, role: "img" })) copy.setAttribute(name, value);
  copy.querySelector(".cursor").remove();
  copy.classList.remove("tracing", "gently", "far", "large");
  delete copy.dataset.phase;
  for (const group of copy.querySelectorAll("g")) {
    group.classList.remove("node", "leaf", "on", "active", "waiting", "selected");
    for (const name of ["tabindex", "role", "aria-label", "aria-hidden", "data-node", "data-box"]) group.removeAttribute(name);
  }
  for (const each of copy.querySelectorAll("[data-node]")) each.removeAttribute("data-node");
  return new XMLSerializer().serializeToString(copy);
}
