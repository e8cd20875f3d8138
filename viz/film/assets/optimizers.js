// The optimisers of autograd_mini/optim.py, with the same order of operations: a step of the page equals one in Python.

/** @import { Memory, OptimizerChoice, OptimizerOptions } from "./types.js" */

/** Every choice: the name of the class in Python, and its default settings. */
/** @type {OptimizerChoice[]} */
export const CHOICES = [
  { name: "SGD", rule: "SGD", options: { momentum: 0, nesterov: false, weight_decay: 0 } },
  { name: "Momentum", rule: "SGD", options: { momentum: 0.9, nesterov: false, weight_decay: 0 } },
  { name: "Nesterov", rule: "SGD", options: { momentum: 0.9, nesterov: true, weight_decay: 0 } },
  { name: "AdaGrad", rule: "AdaGrad", options: { epsilon: 1e-10 } },
  { name: "RMSProp", rule: "RMSProp", options: { decay: 0.99, epsilon: 1e-8 } },
  { name: "Adam", rule: "Adam", options: { betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0 } },
  { name: "AdamW", rule: "AdamW", options: { betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0.01 } },
];

/**
 * The choices of a page: those above, with the settings of the run for its optimiser.
 * @param {string} kind the class of the run's optimiser
 * @param {OptimizerOptions} options
 * @returns {{ choices: OptimizerChoice[], chosen: string }} `chosen` is empty where the run's is none of them
 */
export function choicesOf(kind, options) {
  const chosen = kind !== "SGD" ? kind : options.nesterov ? "Nesterov" : options.momentum ? "Momentum" : "SGD";
  const choices = CHOICES.map((choice) => (choice.name === chosen ? { ...choice, options: { ...choice.options, ...options } } : choice));
  return { choices, chosen: choices.some((choice) => choice.name === chosen) ? chosen : "" };
}

/**
 * The settings, in words: "momentum 0.9, weight decay 0.01".
 * @param {OptimizerOptions} options
 */
export function inWords({ betas, ...options }) {
  const told = Object.entries(options).filter(([, value]) => value !== null && value !== 0 && value !== false && value !== true);
  const words = told.map(([name, value]) => `${name.replace("_", " ")} ${value}`);
  return [...(betas ? [`β ${betas.join(", ")}`] : []), ...words].join(" · ");
}

/**
 * The state of an optimiser, as plain data.
 * @param {OptimizerChoice} choice
 * @param {number} count of parameters
 * @returns {Memory}
 */
export function makeMemory({ name, rule }, count) {
  return { name, steps: 0, slots: Object.fromEntries(SLOTS[rule].map((slot) => [slot, new Float64Array(count)])) };
}

/**
 * One step for one gradient: changes theta and the state.
 * @param {OptimizerChoice} choice
 * @param {Memory} memory
 * @param {Float64Array} theta
 * @param {Float64Array} gradient
 * @param {number} rate
 */
export function stepDown({ rule, options }, memory, theta, gradient, rate) {
  if (options.clip_value) for (let i = 0; i < gradient.length; i++) gradient[i] = Math.min(options.clip_value, Math.max(-options.clip_value, gradient[i]));
  if (options.clip_norm) shorten(gradient, options.clip_norm);
  memory.steps++;
  RULES[rule]({ ...UNSAID, ...options }, memory, theta, gradient, rate);
}

/**
 * @param {Float64Array} gradient
 * @param {number} limit
 */
function shorten(gradient, limit) {
  const norm = Math.sqrt(gradient.reduce((sum, slope) => sum + slope * slope, 0));
  if (norm > limit) for (let i = 0; i < gradient.length; i++) gradient[i] *= limit / norm;
}

/** @type {Record<string, string[]>} */
const SLOTS = { SGD: ["velocity"], AdaGrad: ["squares"], RMSProp: ["squares"], Adam: ["mean", "squares"], AdamW: ["mean", "squares"] };

/** The settings of an optimiser that says nothing of them. */
const UNSAID = { momentum: 0, nesterov: false, weight_decay: 0, epsilon: 1e-8, decay: 0.99, betas: [0.9, 0.999] };

/** @type {Record<string, (options: typeof UNSAID, memory: Memory, theta: Float64Array, gradient: Float64Array, rate: number) => void>} */
const RULES = {
  SGD: ({ momentum, nesterov, weight_decay: decay }, { slots: { velocity } }, theta, gradient, rate) => {
    for (let i = 0; i < theta.length; i++) {
      const slope = gradient[i] + decay * theta[i];
      velocity[i] = momentum * velocity[i] + slope;
      theta[i] -= rate * (nesterov ? slope + momentum * velocity[i] : velocity[i]);
    }
  },
  AdaGrad: ({ epsilon }, { slots: { squares } }, theta, gradient, rate) => {
    for (let i = 0; i < theta.length; i++) {
      squares[i] += gradient[i] * gradient[i];
      theta[i] -= (rate * gradient[i]) / (Math.sqrt(squares[i]) + epsilon);
    }
  },
  RMSProp: ({ decay, epsilon }, { slots: { squares } }, theta, gradient, rate) => {
    for (let i = 0; i < theta.length; i++) {
      squares[i] = decay * squares[i] + (1 - decay) * gradient[i] * gradient[i];
      theta[i] -= (rate * gradient[i]) / (Math.sqrt(squares[i]) + epsilon);
    }
  },
  Adam: (options, ...more) => adam(options, options.weight_decay, 0, ...more),
  AdamW: (options, ...more) => adam(options, 0, options.weight_decay, ...more),
};

/**
 * Adam, with weight decay in the gradient (L2) or decoupled (AdamW).
 * @param {typeof UNSAID} options
 * @param {number} inside
 * @param {number} apart
 * @param {Memory} memory
 * @param {Float64Array} theta
 * @param {Float64Array} gradient
 * @param {number} rate
 */
function adam({ betas: [first, second], epsilon }, inside, apart, { steps, slots: { mean, squares } }, theta, gradient, rate) {
  const step = rate / (1 - first ** steps), correction = Math.sqrt(1 - second ** steps);
  for (let i = 0; i < theta.length; i++) {
    const slope = gradient[i] + inside * theta[i];
    mean[i] = first * mean[i] + (1 - first) * slope;
    squares[i] = second * squares[i] + (1 - second) * slope * slope;
    theta[i] -= (step * mean[i]) / (Math.sqrt(squares[i]) / correction + epsilon) + rate * apart * theta[i];
  }
}
