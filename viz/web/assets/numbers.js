// Numbers and formulas as the drawings write them; with the rules of viz/style/typeset.py and viz/graph/formulas.py.
import { tell } from "./language.js";


export const MINUS = "−";
export const DASH = "–";

/**
 * 3 to 4 significant digits, a minus sign −, and never "0" for a number that is not zero.
 * @param {number | null | undefined} x
 * @returns {string}
 */
export function number(x) {
  if (x === undefined || x === null) return DASH;
  if (Number.isNaN(x)) return "nan";
  const sign = x < 0 || Object.is(x, -0) ? MINUS : "", size = Math.abs(x);
  if (size === Infinity) return `${sign}∞`;
  if (Number.isInteger(size) && size < 1e6) return sign + size;
  const digits = size >= 1 ? 4 : 3;
  const power = Number(size.toExponential(digits - 1).split("e")[1]);
  if (power > -4 && power < 6) {
    const text = fixed(size, Math.max(0, digits - 1 - power));
    return sign + (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);
  }
  const [mantissa, exponent] = rounded(size).split("e");
  const short = mantissa.replace(/0+$/, "").replace(/\.$/, "");
  return `${sign}${short}e${exponent.replace("+", "").replace("-", MINUS)}`;
}

/**
 * toFixed rounds a tie up where Python rounds it to even: 0.5, 2.5, 0.125. A tie at `digits` is an
 * odd number of units of 2^-(digits + 1), and no other number.
 * @param {number} x
 * @param {number} digits
 */
function fixed(x, digits) {
  const units = x * 2 ** (digits + 1);
  if (!Number.isInteger(units) || units % 2 !== 1) return x.toFixed(digits);
  const below = Math.floor(x * 10 ** digits);
  return ((below % 2 ? below + 1 : below) / 10 ** digits).toFixed(digits);
}

/**
 * The same for 3 digits of a large number: 11250000 is 1.12e7.
 * @param {number} x
 */
function rounded(x) {
  const unit = 10 ** (Math.floor(Math.log10(x)) - 2), halves = 2 * x / unit;
  const tie = x >= 1 && 2 * x < 2 ** 53 && (2 * x) % unit === 0 && halves % 4 === 1;
  return (tie ? x - unit / 2 : x).toExponential(2);
}

/**
 * A number inside a product or a sum: negative ones in brackets.
 * @param {number | undefined} x
 */
export function signed(x) {
  const text = number(x);
  return text.startsWith(MINUS) ? `(${text})` : text;
}

/**
 * The printed number; nan where there is none.
 * @param {number | undefined} x
 */
export const printed = (x) => Number(number(x).replaceAll(MINUS, "-").replace("∞", "Infinity"));

/**
 * "=" where the printed numbers give exactly the printed result, else "≈": the rule of
 * viz/style/typeset.py.
 * @param {number | undefined} shown
 * @param {(number | undefined)[]} made
 * @param {boolean} [product]
 */
export function relation(shown, made, product = false) {
  const terms = made.map(printed);
  if (!Number.isFinite(shown) || !terms.every(Number.isFinite)) return "=";
  const total = product ? terms.reduce((a, b) => a * b, 1) : terms.reduce((a, b) => a + b, 0);
  const [mantissa, power] = number(shown).replaceAll(MINUS, "-").split("e");
  const unit = 10 ** (Number(power || 0) - (mantissa.split(".")[1] || "").length);
  return Math.abs(total - printed(shown)) <= unit / 2 * (1 + 1e-9) ? "=" : "≈";
}

/**
 * "= 1.2·0.5", "≈ 3.01 + (−4.2)", or "= sum of 7" where that is longer than `room`.
 * @param {number | undefined} shown
 * @param {(number | undefined)[]} made
 * @param {boolean} product
 * @param {number} [room]
 */
export function because(shown, made, product, room = 24) {
  if (product) return `${relation(shown, made, true)} ${made.map(signed).join("·")}`;
  const joined = `${relation(shown, made)} ${made.map((x, i) => (i ? signed(x) : number(x))).join(" + ")}`;
  return joined.length <= room ? joined : tell("= sum of {count}", { count: made.length });
}

/**
 * A typed number: "1,5" and the minus sign − are accepted; undefined where it is not a number.
 * @param {string} text
 * @returns {number | undefined}
 */
export function parsed(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".").replace("∞", "Infinity").replace(/^([+-]?)inf$/i, "$1Infinity");
  if (plain.toLowerCase() === "nan") return NaN;
  return plain !== "" && !Number.isNaN(Number(plain)) ? Number(plain) : undefined;
}

/**
 * The width of a drawn number, in ems: digits of Helvetica are 0.556 wide.
 * @param {string} text
 */
export function width(text) {
  let wide = 0;
  for (const character of text) wide += character === "." || character === "," ? 0.278 : character === MINUS ? 0.584 : character === "∞" ? 0.78 : 0.556;
  return wide;
}
/** @type {Record<string, [sign: string, rank: number]>} */
const INFIX = { add: ["+", 1], sub: [MINUS, 1], mul: ["×", 2], div: ["÷", 2] };
export const ATOM = 9;

/**
 * How a function of its operands is written. An operand is {text, rank}; rank is its precedence.
 * @param {string} fn
 * @param {string} label
 * @param {{ text: string, rank: number }[]} parts
 * @returns {string[]}
 */
export function written(fn, label, parts) {
  const within = (/** @type {{ text: string, rank: number }} */ part, /** @type {number} */ rank) => part.rank >= rank ? [part.text] : ["(", part.text, ")"];
  if (INFIX[fn] && parts.length === 2) {
    const [sign, rank] = INFIX[fn], strict = fn === "sub" || fn === "div" ? 1 : 0;
    const left = parts[0].rank === 0 || parts[0].rank >= rank ? [parts[0].text] : ["(", parts[0].text, ")"];
    return [...left, ` ${sign} `, ...within(parts[1], rank + strict)];
  }
  if (fn === "neg") return [MINUS, ...within(parts[0], 3)];
  if (fn === "power" && parts.length === 1) return [...within(parts[0], ATOM), label.slice(1)];
  if (fn === "affine" && parts.length % 2) {
    const half = (parts.length - 1) / 2, terms = [];
    for (let i = 0; i < half; i++) terms.push(...within(parts[i], 2), "·", ...within(parts[half + i], 3), " + ");
    return [...terms, ...within(parts[2 * half], 1)];
  }
  return [fn, "(", ...parts.flatMap((part, i) => i ? [", ", part.text] : [part.text]), ")"];
}

/** @param {number} x */
export const exact = (x) => String(x).replace(/-/g, MINUS).replace("Infinity", "∞").replace("NaN", "nan");
