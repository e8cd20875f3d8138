// Stacks of dense layers: loops over typed arrays, a column of numbers for each unit. The derivatives of
// activations and losses are compiled from the table of primitives, as `kit`.

/** @import { Forward, GradientSum, Kit, Layer } from "./types.js" */

const NONE = new Float64Array(0);
/** Rows of one backward pass, so that their columns stay in the processor's cache. */
const CHUNK = 128;

/**
 * @typedef {{ values: Float64Array, slopes: Float64Array }} Level what comes out of a layer, and the slope of each number
 * @typedef {{ sums: Float64Array, both: Float64Array, further: Float64Array }} Room
 */

/** @type {WeakMap<Layer[], Map<number, Room[]>>} */
const ROOMS = new WeakMap();
const MOST_ROOMS = 6;

/**
 * Memory for the computation of n rows; reused for the same layers and n, so results must be copied.
 * @param {Layer[]} layers
 * @param {number} n
 * @returns {Room[]}
 */
function roomFor(layers, n) {
  let rooms = ROOMS.get(layers);
  if (!rooms || rooms.size > MOST_ROOMS) ROOMS.set(layers, rooms = new Map());
  let room = rooms.get(n);
  if (!room) rooms.set(n, room = layers.map(({ units, inputs }) => ({ sums: new Float64Array(units * n), both: new Float64Array(2 * units * n), further: new Float64Array(inputs * n) })));
  return room;
}

/**
 * column += Σ weight · before, four inputs at a time.
 * @param {Float64Array} column
 * @param {Float64Array} before
 * @param {number} n
 * @param {number[]} places of the weights in theta
 * @param {Float64Array} theta
 */
function accumulate(column, before, n, places, theta) {
  let j = 0;
  for (; j + 3 < places.length; j += 4) {
    const a = theta[places[j]], b = theta[places[j + 1]], c = theta[places[j + 2]], d = theta[places[j + 3]];
    for (let i = 0, p = j * n, q = p + n, r = q + n, s = r + n; i < n; i++, p++, q++, r++, s++) column[i] += a * before[p] + b * before[q] + c * before[r] + d * before[s];
  }
  for (; j < places.length; j++) {
    const weight = theta[places[j]];
    for (let i = 0, p = j * n; i < n; i++, p++) column[i] += weight * before[p];
  }
}

/**
 * The forward pass over n rows with inputs in columns: the columns of the inputs, then of each layer.
 * @param {Layer[]} layers
 * @param {string[]} activations of all layers but the last, which gives scores
 * @param {Record<string, Forward>} functions the kit's `values`, or its `activations`, which also give the slopes
 * @param {Float64Array} first
 * @param {number} n
 * @param {Float64Array} theta
 * @returns {Level[]}
 */
export function climb(layers, activations, functions, first, n, theta) {
  const room = roomFor(layers, n);
  /** @type {Level[]} */
  const levels = [{ values: first, slopes: NONE }];
  layers.forEach((layer, depth) => {
    const before = levels[depth].values, { sums, both } = room[depth];
    for (let unit = 0; unit < layer.units; unit++) {
      const column = sums.subarray(unit * n, (unit + 1) * n).fill(theta[layer.biases[unit]]);
      accumulate(column, before, n, layer.weights[unit], theta);
    }
    if (depth === activations.length) { levels.push({ values: sums, slopes: NONE }); return; }
    functions[activations[depth]](sums, sums.length, NONE, both);
    levels.push({ values: both.subarray(0, sums.length), slopes: both.subarray(sums.length) });
  });
  return levels;
}

/**
 * Σ a · b over n numbers from an index in each.
 * @param {Float64Array} a
 * @param {number} from
 * @param {Float64Array} b
 * @param {number} at
 * @param {number} n
 */
function dot(a, from, b, at, n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += a[from + i] * b[at + i];
  return sum;
}

/**
 * The gradient of the weights: each column above times each column below, in blocks of two by four, whose sums
 * stay in the processor's registers.
 * @param {Layer} layer
 * @param {Float64Array} upstream
 * @param {Float64Array} before
 * @param {number} n
 * @param {Float64Array} sums
 */
function products({ units, inputs, weights }, upstream, before, n, sums) {
  const rest = (/** @type {number} */ unit, /** @type {number} */ from) => { for (let j = from; j < inputs; j++) sums[1 + weights[unit][j]] += dot(upstream, unit * n, before, j * n, n); };
  const wide = inputs - (inputs % 4);
  let unit = 0;
  for (; unit + 1 < units; unit += 2) {
    const u = unit * n, v = u + n, first = weights[unit], second = weights[unit + 1];
    for (let j = 0; j < wide; j += 4) {
      const p = j * n, q = p + n, r = q + n, s = r + n;
      let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
      for (let i = 0; i < n; i++) {
        const x = upstream[u + i], y = upstream[v + i], one = before[p + i], two = before[q + i], three = before[r + i], four = before[s + i];
        a += x * one; b += x * two; c += x * three; d += x * four;
        e += y * one; f += y * two; g += y * three; h += y * four;
      }
      sums[1 + first[j]] += a; sums[1 + first[j + 1]] += b; sums[1 + first[j + 2]] += c; sums[1 + first[j + 3]] += d;
      sums[1 + second[j]] += e; sums[1 + second[j + 1]] += f; sums[1 + second[j + 2]] += g; sums[1 + second[j + 3]] += h;
    }
    rest(unit, wide);
    rest(unit + 1, wide);
  }
  if (unit < units) rest(unit, 0);
}

/**
 * The backward pass from the derivatives of the scores: add the gradient to sums[1…], last layer first.
 * @param {Layer[]} layers
 * @param {Level[]} levels
 * @param {number} n
 * @param {Float64Array} upstream a column for each score
 * @param {Float64Array} theta
 * @param {Float64Array} sums
 */
function descend(layers, levels, n, upstream, theta, sums) {
  const room = roomFor(layers, n);
  for (let depth = layers.length - 1; depth >= 0; depth--) {
    const { units, inputs, weights, biases } = layers[depth];
    for (let unit = 0; unit < units; unit++) {
      let bias = 0;
      for (let i = unit * n; i < (unit + 1) * n; i++) bias += upstream[i];
      sums[1 + biases[unit]] += bias;
    }
    products(layers[depth], upstream, levels[depth].values, n, sums);
    if (!depth) return;
    const { further } = room[depth], { slopes } = levels[depth], places = Array.from({ length: units }, () => 0);
    further.fill(0);
    for (let j = 0; j < inputs; j++) {
      for (let unit = 0; unit < units; unit++) places[unit] = weights[unit][j];
      accumulate(further.subarray(j * n, (j + 1) * n), upstream, n, places, theta);
    }
    for (let i = 0; i < further.length; i++) further[i] *= slopes[i];
    upstream = further;
  }
}

/**
 * The gradient of the mean loss over chosen rows, whose last number is the target.
 * @param {Layer[]} layers
 * @param {string[]} activations
 * @param {Kit} kit
 * @param {Forward} loss
 * @param {number} width of a row
 * @param {(row: number, rows: Float64Array, first: Float64Array, i: number, n: number) => void} read the inputs of a row into column i
 * @returns {GradientSum}
 */
export function towerGradient(layers, activations, kit, loss, width, read) {
  const scores = layers[layers.length - 1].units, { inputs } = layers[0];
  const first = new Float64Array(inputs * CHUNK), asked = new Float64Array((scores + 1) * CHUNK), told = new Float64Array((scores + 1) * CHUNK);
  return (rows, chosen, from, to, theta, sums, seen) => {
    for (let start = from; start < to; start += CHUNK) {
      const n = Math.min(CHUNK, to - start);
      for (let i = 0; i < n; i++) read(width * chosen[start + i], rows, first, i, n);
      const levels = climb(layers, activations, kit.activations, first, n, theta), last = levels[levels.length - 1].values;
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < scores; k++) asked[i * (scores + 1) + k] = last[k * n + i];
        asked[i * (scores + 1) + scores] = rows[width * chosen[start + i] + width - 1];
        if (seen) for (let k = 0; k < scores; k++) seen[k * (to - from) + start - from + i] = last[k * n + i];
      }
      loss(asked, n, NONE, told);
      for (let i = 0; i < n; i++) sums[0] += told[i];
      descend(layers, levels, n, told.subarray(n), theta, sums);
    }
  };
}
