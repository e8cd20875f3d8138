// Numbers of a film: packed doubles, points of the plane, level lines, random numbers.


/**
 * @param {string} text
 * @returns {Float64Array}
 */
export function unpacked(text) {
  return new Float64Array(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
}

/**
 * @param {number} x
 * @param {number} low
 * @param {number} high
 */
export const clamp = (x, low, high) => Math.min(high, Math.max(low, x));

/**
 * A lattice of cells × cells points from the top left corner to the bottom right one, as (x, y) pairs.
 * @param {number[]} extent
 * @param {number} cells
 */
export function lattice([left, right, , top], cells) {
  const points = new Float64Array(2 * cells * cells), side = (right - left) / (cells - 1);
  for (let row = 0, at = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      points[at++] = left + column * side;
      points[at++] = top - row * side;
    }
  }
  return points;
}

/**
 * Vertical and horizontal lines of a square grid, `steps` points each, one line after the other.
 * @param {number[]} extent
 * @param {number} lines
 * @param {number} steps
 */
export function gridLines([left, right, bottom, top], lines, steps) {
  const points = new Float64Array(4 * lines * steps);
  let at = 0;
  for (const upright of [false, true]) {
    for (let line = 0; line < lines; line++) {
      for (let step = 0; step < steps; step++) {
        const across = line / (lines - 1), along = step / (steps - 1);
        points[at++] = left + (right - left) * (upright ? across : along);
        points[at++] = bottom + (top - bottom) * (upright ? along : across);
      }
    }
  }
  return points;
}

/**
 * The zero level lines of values on a lattice, as segments (x₁, y₁, x₂, y₂) in its steps: marching squares.
 * The sign of the middle decides a saddle.
 * @param {Float64Array} values
 * @param {number} cells
 * @returns {number[]}
 */
export function zeroLine(values, cells) {
  /** @type {number[]} */
  const segments = [];
  const cross = (/** @type {number} */ a, /** @type {number} */ b) => a / (a - b);
  for (let row = 0; row + 1 < cells; row++) {
    for (let column = 0; column + 1 < cells; column++) {
      const at = row * cells + column;
      const a = values[at], b = values[at + 1], c = values[at + cells + 1], d = values[at + cells];
      const kind = Number(a > 0) + 2 * Number(b > 0) + 4 * Number(c > 0) + 8 * Number(d > 0);
      if (kind === 0 || kind === 15 || !Number.isFinite(a + b + c + d)) continue;
      const x = column, y = row;
      const top = () => [x + cross(a, b), y], right = () => [x + 1, y + cross(b, c)];
      const bottom = () => [x + cross(d, c), y + 1], left = () => [x, y + cross(a, d)];
      const add = (/** @type {() => number[]} */ from, /** @type {() => number[]} */ to) => segments.push(...from(), ...to());
      if (kind === 5 || kind === 10) {
        const joined = (a + b + c + d > 0) === (kind === 5);
        add(left, joined ? bottom : top);
        add(joined ? top : bottom, right);
      } else if (kind === 1 || kind === 14) add(left, top);
      else if (kind === 2 || kind === 13) add(top, right);
      else if (kind === 3 || kind === 12) add(left, right);
      else if (kind === 4 || kind === 11) add(right, bottom);
      else if (kind === 6 || kind === 9) add(top, bottom);
      else add(left, bottom);
    }
  }
  return segments;
}

/**
 * Random numbers in [0, 1), the same for the same seed (Mulberry32).
 * @param {number} seed
 * @returns {() => number}
 */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A normally distributed number (Box and Muller).
 * @param {() => number} random
 */
export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * @param {Int32Array} order
 * @param {() => number} random
 */
export function shuffle(order, random) {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1)), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}

/**
 * Round positions of at most `most` ticks between low and high.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 * @returns {number[]}
 */
export function ticks(low, high, most) {
  const rough = (high - low) / most, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((times) => times * power >= rough) || 10);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(Number((i * step).toPrecision(12)));
  return found;
}

/**
 * One column of outputs, without a copy.
 * @param {Float64Array} out
 * @param {number} j
 * @param {number} n
 */
export const column = (out, j, n) => out.subarray(j * n, (j + 1) * n);
