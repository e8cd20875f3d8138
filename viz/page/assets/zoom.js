// Zoom and pan: the visible part of the drawing, and the elements in it.

/** @import { Box, Picture, View } from "./types.js" */

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const READABLE = 0.62, LARGEST = 1.25, LEGIBLE = 0.22, CONTROLS = 70;

/**
 * Show the whole drawing, as large as the page allows.
 * @param {Picture} picture
 */
export function firstView(picture) {
  const view = frame(picture), { width, height } = picture.full;
  if (!view.width) return; // not shown yet: the layout follows when the page gets a size
  const scale = Math.min(view.width / width, view.most / height, LARGEST);
  setStage(picture, Math.max(Math.min(180, view.most), height * scale));
  picture.sightline = { x: (width - view.width / scale) / 2, y: (height - picture.stage / scale) / 2, scale };
  applyView(picture);
}

/**
 * The largest size of the drawing with which it fits the window, with its controls.
 * @param {Picture} picture
 */
function frame(picture) {
  const width = picture.stageElement.clientWidth, above = picture.stageElement.getBoundingClientRect().top + scrollY;
  return { width, most: Math.max(260, innerHeight - above - CONTROLS) };
}

/**
 * @param {Picture} picture
 * @param {number} height
 */
export function setStage(picture, height) {
  picture.stage = Math.round(height);
  picture.stageElement.style.height = `${picture.stage}px`;
}

/** @param {Picture} picture */
export function applyView(picture) {
  const { x, y, scale } = picture.sightline, wide = picture.stageElement.clientWidth;
  picture.svg.setAttribute("viewBox", `${x} ${y} ${wide / scale} ${picture.stage / scale}`);
  // A finger scrolls the page, unless there is something of the drawing above or below.
  picture.svg.style.touchAction = picture.full.height * scale > picture.stage + 2 ? "none" : "pan-y";
  picture.svg.classList.toggle("far", scale < LEGIBLE);
  if (picture.moved) picture.moved();
}

/** @param {Picture} picture */
export function fitAll(picture) {
  const { width } = frame(picture), scale = Math.min(width / picture.full.width, picture.stage / picture.full.height, LARGEST);
  glide(picture, { x: (picture.full.width - width / scale) / 2, y: (picture.full.height - picture.stage / scale) / 2, scale });
}

/**
 * Scroll to a part of the drawing and zoom so that it can be read.
 * @param {Picture} picture
 * @param {Box} box
 */
export function glideTo(picture, { x, y, width, height }) {
  const wide = picture.stageElement.clientWidth, scale = Math.max(0.45, Math.min(wide / (width + 60), picture.stage / (height + 60), 1));
  glide(picture, { x: x + width / 2 - wide / scale / 2, y: y + height / 2 - picture.stage / scale / 2, scale });
}

/**
 * Zoom so that the point under (px, py), in pixels of the stage, stays where it is.
 * @param {Picture} picture
 * @param {number} factor
 * @param {number} [px]
 * @param {number} [py]
 */
export function zoom(picture, factor, px = picture.stageElement.clientWidth / 2, py = picture.stage / 2) {
  const view = picture.sightline, scale = Math.min(4, Math.max(0.02, view.scale * factor));
  picture.sightline = { x: view.x + px / view.scale - px / scale, y: view.y + py / view.scale - py / scale, scale };
  picture.touched = true;
  applyView(picture);
}

/**
 * Move to a view within a fifth of a second, or at once where the reader prefers reduced motion.
 * @param {Picture} picture
 * @param {View} target
 */
function glide(picture, target) {
  picture.touched = true;
  cancelAnimationFrame(picture.gliding);
  const from = { ...picture.sightline }, begun = performance.now();
  if (still()) { picture.sightline = target; applyView(picture); return; }
  const tick = (/** @type {number} */ now) => {
    const t = Math.min(1, Math.max(0, (now - begun) / 200)), ease = t * (2 - t);
    const between = (/** @type {keyof View} */ key) => from[key] + (target[key] - from[key]) * ease;
    picture.sightline = { x: between("x"), y: between("y"), scale: between("scale") };
    applyView(picture);
    if (t < 1) picture.gliding = requestAnimationFrame(tick);
  };
  picture.gliding = requestAnimationFrame(tick);
}

/**
 * Keep a node visible: a large drawing scrolls with the step.
 * @param {Picture} picture
 * @param {number | undefined} index
 */
export function follow(picture, index) {
  const node = index === undefined ? undefined : picture.nodes[index], bound = node && (node.inBox || node);
  if (!bound || !bound.group || !bound.box) return;
  const { box } = bound, { sightline: view } = picture, edge = 30;
  const wide = picture.stageElement.clientWidth / view.scale, tall = picture.stage / view.scale;
  if (view.scale < READABLE) { // too small to read: zoom in
    const scale = READABLE, [width, height] = [picture.stageElement.clientWidth / scale, picture.stage / scale];
    glide(picture, { x: box.x + box.width / 2 - width / 2, y: box.y + box.height / 2 - height / 2, scale });
    return;
  }
  const inside = box.x - edge > view.x && box.x + box.width + edge < view.x + wide && box.y - edge > view.y && box.y + box.height + edge < view.y + tall;
  if (!inside) glide(picture, { x: box.x + box.width / 2 - wide / 2, y: box.y + box.height / 2 - tall / 2, scale: view.scale });
}

/**
 * Whether an element is in the visible part of the drawing. In a small scale texts are not visible.
 * @param {Picture} picture
 */
export function sight(picture) {
  const { x, y, scale } = picture.sightline, margin = 40;
  const right = x + picture.stageElement.clientWidth / scale + margin, bottom = y + picture.stage / scale + margin;
  return (/** @type {{ box?: Box }} */ { box }) => box !== undefined && box.x < right && box.x + box.width > x - margin && box.y < bottom && box.y + box.height > y - margin;
}

/**
 * The positions of all texts, measured once, because only their content changes.
 * @param {Picture} picture
 */
export function measureInto(picture) {
  for (const bound of picture.nodes) {
    if (!bound.group) continue;
    bound.frame = bound.shape ? bound.shape.element.getBBox() : bound.group.getBBox();
    bound.box = union(bound.group.getBBox(), bound.totalGroup ? bound.totalGroup.getBBox() : undefined);
  }
  for (const bound of picture.ports) bound.box = union(bound.group.getBBox(), bound.label ? bound.label.getBBox() : undefined);
  for (const bound of picture.boxes) bound.frame = bound.box = bound.frameElement.getBBox();
  for (const bound of picture.edges) if (bound.line) bound.box = union(bound.line.getBBox(), bound.label ? bound.label.getBBox() : undefined);
}

/**
 * @param {Box} a
 * @param {Box | undefined} b
 * @returns {Box}
 */
export function union(a, b) {
  if (!b) return a;
  const x = Math.min(a.x, b.x), y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}
