/** What the scripts of the film pass to one another. */

/** Typed numbers in, typed numbers out: output j of row i stands at j·n + i. */
export type Forward = (rows: Float64Array, n: number, theta: Float64Array, out: Float64Array) => void;

/** Adds the loss of the chosen rows to sums[0], and its gradient behind it. */
export type GradientSum = (
  rows: Float64Array, chosen: Int32Array, from: number, to: number, theta: Float64Array, sums: Float64Array,
) => void;

/** A picture of a layer: its columns among the outputs, and from where they are looked at. */
export interface Figure {
  title: string; activation: string; at: number; units: number; bounded: boolean; stretched: boolean;
  centre: number[]; directions: number[][];
}

/** A layer with the places of its weights and biases in theta; −1 where one is not trained. */
export interface Layer extends Figure { inputs: number; weights: number[][]; biases: number[] }

export interface Decision { kind: "classes" | "shares" | "one"; at: number; count: number; middle: number; half: number }

export type Curve = (number | null)[];
export interface Curves {
  epoch: number[]; loss: Curve; accuracy: Curve; validation_loss: Curve; validation_accuracy: Curve;
}

/** The page's JSON: viz/film/film.py and viz/film/data.py write it. */
export interface FilmData {
  subtitle: string; labels: number[]; targets: number[][]; classes: string[];
  optimizer: { kind: string; lr: number; batch: number | null; options: OptimizerOptions };
  epochs: number[]; theta: string; parameters: number; points: string; extent: number[]; columns: number;
  seen: Figure | null; layers: Layer[]; decision: Decision; history: Curves; still: string;
}

export interface Network {
  data: FilmData; forward: Forward; gradient: GradientSum | null; frames: Float64Array[]; width: number;
  classes: number; decision: Decision; layers: Layer[]; figures: Figure[];
}

/** Points with their noise, which is drawn once: `points` are `base` moved by `share` of it. */
export interface PointSet {
  base: number[]; labels: number[]; noise: number[]; random: () => number; share: number; points: Float64Array;
}

/** As the parameters of the classes in autograd_mini/optim.py. */
export interface OptimizerOptions {
  momentum?: number; nesterov?: boolean; weight_decay?: number; epsilon?: number; decay?: number; betas?: number[];
  clip_norm?: number | null; clip_value?: number | null;
}
export interface OptimizerChoice { name: string; rule: string; options: OptimizerOptions }

export interface Settings { rate: number; batch: number; penalty: number; optimizer: OptimizerChoice }

export interface Trainer {
  network: Network; settings: Settings; theta: Float64Array; begun: number; epochs: number; steps: number; at: number;
  lossSum: number; loss: number; sums: Float64Array; random: () => number; trouble: string; rows: Float64Array; order: Int32Array;
  choice?: OptimizerChoice; optimize?: (theta: Float64Array, gradient: Float64Array, rate: number) => void;
}

/** Loss, gradient and right answers at theta. */
export interface Measured {
  loss: number; gradient?: Float64Array; accuracy: number; right: boolean[]; out: Float64Array;
}
export interface Now extends Measured { theta: Float64Array; steps: number; set: Float64Array }
export interface Facts { epoch: number; loss: number; accuracy: number }

export type Colour = number[];
export interface Ink {
  background: string; text: string; muted: string; edge: string; middle: string; stroke: string; classes: string[];
  heat: [Colour[], Colour[]]; glow: Colour[]; shades: Colour[][];
}
export interface LayerView {
  grid: Float64Array; points: Float64Array; lines: number; steps: number; border?: number[];
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
  parts: Record<"axes" | "all" | "held" | "done" | "live" | "pin" | "cursor" | "dot", SVGElement>; data: FilmData;
  hasHeld: boolean; log: boolean; logY: boolean; x(epoch: number): number; y(value: number): number;
  epochAt(x: number): number;
}
export interface Ghost {
  facts: Facts; outputs: Float64Array; boundary: number[]; frame?: number; views: LayerView[];
}

export interface Film {
  data: FilmData; network: Network; recorded: PointSet; set: PointSet; frame: number; playing: boolean; clock: number;
  owed: number; trainer?: Trainer; compare: string; pinned?: number; ghost?: Ghost; split: number; looked?: number[];
  latched?: number[]; brush: number; cross?: number[]; theta: Float64Array; live: Facts[]; drawn: number; ink: Ink;
  cells: number; plane: Float64Array; grid: Float64Array; settings: Settings; choices: OptimizerChoice[]; scales: { weight: number; gradient: number };
  layers: { layer: Figure; canvas: HTMLCanvasElement }[]; curves: { charts: Chart[] }; cards: Card[];
  marks: [HTMLCanvasElement, number][]; now?: Now;
}
