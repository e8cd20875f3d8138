/** What the scripts of the film pass to one another. */

/** Typed numbers in, typed numbers out: output j of row i stands at j·n + i. */
export type Forward = (rows: Float64Array, n: number, theta: Float64Array, out: Float64Array) => void;

/** Adds the loss of the chosen rows to sums[0], and its gradient behind it; a tower writes its scores into `seen`. */
export type GradientSum = (
  rows: Float64Array, chosen: Int32Array, from: number, to: number, theta: Float64Array, sums: Float64Array,
  seen?: Float64Array,
) => void;

/** A picture of a layer: its columns among the outputs, and from where they are looked at. */
export interface Figure {
  title: string; activation: string; at: number; units: number; bounded: boolean; stretched: boolean;
  centre: number[]; directions: number[][];
}

/** A layer with the places of its weights and biases in theta; −1 where one is not trained. */
export interface Layer extends Figure { inputs: number; weights: number[][]; biases: number[] }

export interface Decision { kind: "classes" | "shares" | "one" | "value"; at: number; count: number; middle: number; half: number }

export type Curve = (number | null)[];
export interface Curves {
  epoch: number[]; loss: Curve; accuracy: Curve; validation_loss: Curve; validation_accuracy: Curve;
}

/** Rows of points with what is asked of each, as packed numbers. */
export interface Rows { points: string; labels: number[]; values: number[] }

/** A class's (or every sample's) graph as a live page: which leaf holds which number. */
export interface SampleGraph { page: string; leaves: [string, "x" | "target" | "theta", number][] }

/** The page's JSON: viz/film/film.py and viz/film/data.py write it. */
export interface FilmData extends Rows {
  subtitle: string; held: Rows; targets: number[][]; classes: string[]; inputs: string[]; graphs: SampleGraph[]; script: string;
  optimizer: { kind: string; lr: number; batch: number | null; l1: number; l2: number; penalty: boolean; options: OptimizerOptions };
  epochs: number[]; theta: string; parameters: number; extents: number[][]; middle: number[]; axes: number[];
  columns: number; seen: Figure | null; layers: Layer[]; decision: Decision; history: Curves; still: string;
  dense: Dense | null;
}

/** A recorded network as a tower of dense layers: the activations of all but the last, and what its scores go to. */
export interface Dense { activations: string[]; loss: "entropy" | "logits" | "square" }

/** What a network is built from that the page makes itself. */
export interface Recipe {
  features: string[]; layers: { units: number; activation: string }[]; classes: number; regression: boolean;
  middle: number; half: number;
}

/** Compiled from the table of primitives: viz/film/kit.py. */
export interface Kit { activations: Record<string, Forward>; values: Record<string, Forward>; losses: Record<number, Forward>; logits: Forward }

export interface Network {
  recipe?: Recipe; inputs: number; width: number; parameters: number; columns: number; targets: number[][];
  classes: number; regression: boolean; forward: Forward; gradient: GradientSum | null; tower?: boolean; decision: Decision;
  layers: Layer[]; figures: Figure[]; frames: Float64Array[]; epochs: number[]; history: Curves;
}

/** What training needs of a network. */
export type Trainable = Pick<Network, "inputs" | "width" | "parameters" | "targets" | "regression" | "gradient">;

/** Points with their noise, which is drawn once: `points` are `base` moved by `share` of it. */
export interface PointSet {
  base: number[]; labels: number[]; values: number[]; width: number; noise: number[]; random: () => number;
  share: number; points: Float64Array;
}

export interface Drawn { base: number[]; labels: number[]; values: number[]; classes: number }

/** As the parameters of the classes in autograd_mini/optim.py. */
export interface OptimizerOptions {
  momentum?: number; nesterov?: boolean; weight_decay?: number; epsilon?: number; decay?: number; betas?: number[];
  clip_norm?: number | null; clip_value?: number | null;
}
export interface OptimizerChoice { name: string; rule: string; options: OptimizerOptions }
export interface Memory { name: string; steps: number; slots: Record<string, Float64Array> }
export interface Settings { rate: number; batch: number; l1: number; l2: number; optimizer: OptimizerChoice }

/** What training remembers: plain data, that a worker can go on from. */
export interface Trainer {
  id: number; theta: Float64Array; begun: number; epochs: number; steps: number; at: number; lossSum: number;
  loss: number; trouble: string; rows: Float64Array; order: Int32Array; memory?: Memory;
  /** The sums of all rows at the parameters of now, where somebody measured them. */
  ahead?: { steps: number; sums: Float64Array };
}

/** Loss, gradient and right answers at theta. */
export interface Measured {
  loss: number; gradient?: Float64Array; accuracy: number; right?: boolean[];
  /** Loss and gradient before they are divided by the number of rows. */
  sums?: Float64Array;
}
export interface Held { heldLoss: number; heldAccuracy: number; heldRight?: boolean[] }
export interface Now extends Measured, Held { theta: Float64Array; steps: number; set: Float64Array; held?: Float64Array }
export interface Facts {
  epoch: number; loss: number; accuracy: number; validation_loss: number; validation_accuracy: number;
}

/** A trainer on its way between the page and the worker: each side makes its rows from the points. */
export interface SentTrainer extends Omit<Trainer, "rows"> { rows: undefined }
export type Run = { kind: "run"; trainer: SentTrainer; settings: Settings; set: PointSet; held?: PointSet; speed: number }
  & ({ recipe: Recipe } | { recipe?: undefined; data: FilmData });
export type ToWorker =
  | Run
  | { kind: "settings"; settings: Settings; speed: number }
  | { kind: "points"; set: PointSet; held?: PointSet }
  | { kind: "seen" }
  | { kind: "pause" };
export interface FromWorker { trainer: SentTrainer; now: Measured & Held; ended: boolean }

export type Colour = number[];
export interface Ink {
  background: string; text: string; muted: string; edge: string; middle: string; stroke: string; classes: string[];
  heat: [Colour[], Colour[]]; pale: [Colour[], Colour[]]; glow: Colour[]; shades: Colour[][];
}
export interface LayerView {
  grid: Float64Array; points: Float64Array; lines: number; steps: number; border?: number[];
}
export interface LayerPicture {
  layer: Figure; view: LayerView; frame: number[]; colours: (i: number) => string; labels: number[]; right?: boolean[];
  ghost?: LayerView; corners: number[][];
}
export interface Card {
  root: HTMLElement; layer: Layer; depth: number; units: number; weights: HTMLCanvasElement;
  gradients: HTMLCanvasElement; tiles: { button: HTMLButtonElement; canvas: HTMLCanvasElement }[]; column: HTMLElement;
  pitch: number; cell: number;
}
export interface Hold { look(...at: number[]): void; toggle(depth: number, unit: number): void }
export interface ChartData { name: "loss" | "accuracy"; title: string; xs: number[]; ys: Curve; held: Curve }
export interface Chart extends ChartData {
  svg: SVGSVGElement; cut: SVGElement;
  parts: Record<"axes" | "all" | "held" | "done" | "live" | "pin" | "cursor" | "dot", SVGElement>; network: Network;
  hasHeld: boolean; log: boolean; logY: boolean; x(epoch: number): number; y(value: number): number;
  epochAt(x: number): number;
}
export interface Ghost {
  facts: Facts; outputs: Float64Array; boundary: number[]; frame?: number; views: LayerView[];
}

export interface Film {
  data: FilmData; kit: Kit; own: Network; network: Network; recorded: PointSet; recordedHeld?: PointSet; set: PointSet;
  held?: PointSet; whole?: PointSet; generated?: boolean; seed: number; frame: number; playing: boolean;
  running: boolean; clock: number; owed: number; trainer?: Trainer; compare: string; pinned?: number; ghost?: Ghost;
  split: number; looked?: number[]; latched?: number[]; brush: number; cross?: number[]; theta: Float64Array;
  live: Facts[]; drawn: number; turn: number; budget: number; ink: Ink; cells: number; extent: number[]; plane: Float64Array; grid: Float64Array;
  settings: Settings; choices: OptimizerChoice[]; scales: { weight: number; gradient: number }; figures: Figure[];
  layers: { layer: Figure; canvas: HTMLCanvasElement }[]; windows: number[][]; curves: { charts: Chart[] };
  cards: Card[]; marks: [HTMLCanvasElement, number][]; now?: Now; classes: string[]; inputs: string[];
  extents: number[][]; middle: number[]; axes: number[]; bare: object; worker?: Worker; listenToCells(): void;
}
