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
  const picture = { svg, prefix, view, holder, stageElement: byId("drawing"), nodes: [], edges: [], boxes: [], texts: [], cells: [], places: new Map(graph.nodes.map((node) => [node.key, node.index])), full: { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height } };
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
  const bound = { group, box: undefined, inside: box.inside, scalars: [], key: box.key };
  for (const element of group.querySelectorAll("[data-shows]")) {
    const [key, kind] = element.dataset.shows.split(" "), node = picture.places.get(key), what = kind === "gradient" ? 1 : 0;
    if (element.tagName === "text") {
      picture.texts.push({ text: textBinding(element), node, what, bound });
      if (!what) claimRow(element.previousElementSibling, node);
    } else picture.cells.push({ shape: shapeBinding(element), node, what, bound });
    claim(picture, bound, element, node);
  }
  bound.frameElement = group.querySelector("rect, circle");
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
  else bound.value = textBinding(shownIn(group, "value"));
  group.dataset.node = node.index;
  group.setAttribute("tabindex", "0");
  group.setAttribute("role", "button");
  group.classList.add("node");
  if (node.leaf) group.classList.add("leaf");
  return bound;
}

// The text in a group that shows a value, or a gradient: the drawing says so itself.
const shownIn = (group, what) => group.querySelector(`text[data-shows$=" ${what}"]`);

function bindEdge(edge, from, to, find, largest) {
  const line = find(`e-${edge.key}`), label = find(`l-${edge.key}`);
  const bound = { edge, from, to, line, label, path: line && shapeBinding(line.querySelector("path")) };
  bound.value = label ? textBinding(shownIn(label, "value")) : undefined;
  bound.wide = bound.path && bound.path.element.style.strokeWidth ? largest : 0; // inside a network: as wide as its gradient
  bound.gradient = edge.flow === "never" || !label ? undefined : textBinding(shownIn(label, "gradient"));
  return bound;
}
