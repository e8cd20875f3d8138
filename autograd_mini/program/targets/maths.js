/*
 * Functions that JavaScript's Math lacks, or computes less exactly than C. A compiled program contains
 * the functions it calls, and those that they call.
 *
 * erf, erfc and pow after fdlibm's s_erf.c and e_pow.c (Sun Microsystems, 1993), whose constants they
 * take. Math.fround splits off a high part of 24 bits, so that products of such parts are exact.
 */

/**
 * c₀ + c₁x + c₂x² + …
 * @param {number} x
 * @param {...number} coefficients
 * @returns {number}
 */
export function polynomial(x, ...coefficients) {
  return coefficients.reduceRight((sum, each) => sum * x + each);
}

/**
 * x·exp(x²)·erfc(x) for x > 1.25, as erfc(x) itself.
 * @param {number} x
 * @returns {number}
 */
export function erfTail(x) {
  const s = 1 / (x * x);
  const ratio = x < 1 / 0.35
    ? polynomial(s, -9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
        -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02,
        -8.12874355063065934246e+01, -9.81432934416914548592e+00)
      / polynomial(s, 1, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
        6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02,
        6.57024977031928170135e+00, -6.04244152148580987438e-02)
    : polynomial(s, -9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
        -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03,
        -4.83519191608651397019e+02)
      / polynomial(s, 1, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
        3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02,
        -2.24409524465858183362e+01);
  const z = Math.fround(x);
  return Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + ratio) / x;
}

/**
 * erf(x) / x − 1 for |x| < 0.84375.
 * @param {number} x
 * @returns {number}
 */
export function erfNear(x) {
  const z = x * x;
  return polynomial(z, 1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
      -5.77027029648944159157e-03, -2.37630166566501626084e-05)
    / polynomial(z, 1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
      1.32494738004321644526e-04, -3.96022827877536812320e-06);
}

/**
 * erf(x) − 0.845… for 0.84375 ≤ x < 1.25.
 * @param {number} x
 * @returns {number}
 */
export function erfMiddle(x) {
  const s = x - 1;
  return polynomial(s, -2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
      3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02,
      -2.16637559486879084300e-03)
    / polynomial(s, 1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
      1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02);
}

/**
 * The error function.
 * @param {number} x
 * @returns {number}
 */
export function erf(x) {
  const size = Math.abs(x);
  if (size < 0.84375) return x + x * erfNear(x);
  if (!(size < 6)) return x !== x ? x : Math.sign(x);
  return Math.sign(x) * (size < 1.25 ? 8.45062911510467529297e-01 + erfMiddle(size) : 1 - erfTail(size));
}

/**
 * 1 − erf(x), exact where erf(x) is nearly 1.
 * @param {number} x
 * @returns {number}
 */
export function erfc(x) {
  const size = Math.abs(x);
  if (size < 0.84375) return x < 0.25 ? 1 - (x + x * erfNear(x)) : 0.5 - (x * erfNear(x) + (x - 0.5));
  if (size < 1.25) {
    const sum = 8.45062911510467529297e-01 + erfMiddle(size);
    return x > 0 ? 1 - 8.45062911510467529297e-01 - erfMiddle(size) : 1 + sum;
  }
  if (!(size < 28)) return x !== x ? x : x > 0 ? 0 : 2;
  return x > 0 ? erfTail(size) : 2 - erfTail(size);
}

const number = new Float64Array(1);

const words = new Int32Array(number.buffer); // the high word is the second one

/**
 * 2ⁿ for a whole number of a normal power.
 * @param {number} n
 * @returns {number}
 */
export function powerOfTwo(n) {
  words[0] = 0;
  words[1] = (n + 1023) << 20;
  return number[0];
}

/**
 * x to the power y as C has it: 1 to any power is 1; within 1 ulp, where Math.pow may be hundreds off.
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
export function pow(x, y) {
  if (x === 1 || (x === -1 && (y === Infinity || y === -Infinity))) return 1;
  let size = Math.abs(x);
  if (!(size > 0 && size < Infinity && Math.abs(y) < 1e19 && y !== 0) || (x < 0 && y !== Math.floor(y))) {
    return Math.pow(x, y);
  }
  const sign = x < 0 && y % 2 !== 0 ? -1 : 1;
  let n = 0; // size = m * 2**n
  if (size < 2.2250738585072014e-308) {
    size *= 9007199254740992;
    n = -53;
  }
  number[0] = size;
  n += (words[1] >> 20) - 1023;
  words[1] = (words[1] & 0xfffff) | 0x3ff00000;
  let m = number[0];
  if (m >= 1.7320508075688772) {
    m /= 2;
    n += 1;
  }
  const upper = m >= 1.224744871391589; // near 1.5, else near 1
  const base = upper ? 1.5 : 1;
  // log2(m / base) from atanh of s = (m - base) / (m + base), in two parts
  const u = m - base;
  const v = 1 / (m + base);
  const s = u * v;
  const sHigh = Math.fround(s);
  const tHigh = Math.fround(m + base);
  const sLow = v * (u - sHigh * tHigh - sHigh * (m - (tHigh - base)));
  const s2 = s * s;
  const r = sLow * (sHigh + s) + s2 * s2 * polynomial(s2, 5.99999999999994648725e-01, 4.28571428578550184252e-01,
    3.33333329818377432918e-01, 2.72728123808534006489e-01, 2.30660745775561754067e-01, 2.06975017800338417784e-01);
  const square = sHigh * sHigh;
  const high = Math.fround(3 + square + r);
  const low = r - (high - 3 - square);
  const a = sHigh * high;
  const b = sLow * high + low * s;
  const pHigh = Math.fround(a + b);
  const pLow = b - (pHigh - a);
  const zHigh = 9.61796700954437255859e-01 * pHigh; // 2 / (3 ln 2) in two parts
  const zLow = -7.02846165095275826516e-09 * pHigh + pLow * 9.61796693925975554329e-01
    + (upper ? 1.35003920212974897128e-08 : 0);
  const offset = upper ? 5.84962487220764160156e-01 : 0; // log2(1.5)
  const logHigh = Math.fround(zHigh + zLow + offset + n);
  const logLow = zLow - (logHigh - n - offset - zHigh);
  // 2 ** (y * log2(size)), with the product in two parts
  const yHigh = Math.fround(y);
  const rest = (y - yHigh) * logHigh + y * logLow;
  let product = yHigh * logHigh;
  if (rest + product > 1025) return sign * Infinity;
  if (rest + product < -1080) return sign * 0;
  const whole = Math.round(rest + product);
  product -= whole;
  const t = Math.fround(rest + product);
  const c = t * 6.93147182464599609375e-01; // ln 2 in two parts
  const d = (rest - (t - product)) * 6.93147180559945286227e-01 + t * -1.90465429995776804525e-09;
  const z = c + d;
  const w = d - (z - c);
  const z2 = z * z;
  const q = z - z2 * polynomial(z2, 1.66666666666666019037e-01, -2.77777777770155933842e-03,
    6.61375632143793436117e-05, -1.65339022054652515390e-06, 4.13813679705723846039e-08);
  const power = 1 - ((z * q) / (q - 2) - (z * w + w) - z);
  const half = Math.trunc(whole / 2);
  return sign * power * powerOfTwo(half) * powerOfTwo(whole - half);
}

/**
 * 2 to the power x.
 * @param {number} x
 * @returns {number}
 */
export function exp2(x) {
  return pow(2, x);
}

/**
 * The nearest whole number; halves go to the even one, because adding 2⁵² removes the fraction.
 * @param {number} x
 * @returns {number}
 */
export function rint(x) {
  if (!(Math.abs(x) < 4503599627370496)) return x;
  const negative = x < 0 || Object.is(x, -0);
  return negative ? -(4503599627370496 - x - 4503599627370496) : x + 4503599627370496 - 4503599627370496;
}

/**
 * √(x² + y²), the root corrected by what the squares and the root have lost: Math.hypot may be some ulp off.
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
export function hypot(x, y) {
  const large = Math.max(Math.abs(x), Math.abs(y));
  if (!(large > 0 && large < Infinity)) return Math.hypot(x, y);
  const scale = large < 1e-140 ? 4.149515568880993e180 : large > 1e140 ? 2.409919865102884e-181 : 1; // 2 ** ±600
  const a = large * scale;
  const b = Math.min(Math.abs(x), Math.abs(y)) * scale;
  const root = Math.sqrt(a * a + b * b);
  const rest = lostOf(a) + lostOf(b) - lostOf(root) + ((a * a - root * root) + b * b);
  return (root + rest / (2 * root)) / scale;
}

/**
 * x² − the float x·x, exactly.
 * @param {number} x
 * @returns {number}
 */
export function lostOf(x) {
  const high = 134217729 * x - (134217729 * x - x);
  const low = x - high;
  return high * high - x * x + 2 * high * low + low * low;
}
