/** What the scripts of the live page pass to one another. */

export type Role = "input" | "parameter" | "constant" | "output" | "result" | "function";
export type Compiled = (...inputs: number[]) => number[];

export interface EdgeData { key: string; from: number; to: number; flow: "always" | "never" | "chosen" }
export interface ViewData {
  level: string; prefix: string; boxes?: BoxData[]; sums?: Record<string, string[]>; weights?: Record<string, number>; value?: number; gradient?: number; largest?: number;
}
/** `written` is the formula of a box: text and the indices of its constants in turn. */
export interface BoxData { key: string; inside: number[]; written?: (string | number)[] }

/** What a text or a cell of a drawing shows: viz/scene/shapes.py says what each means. */
export type What = "value" | "gradient" | "why" | "over" | "state" | "label" | "formula";

/** The page's JSON: viz/page/page.py writes it. */
export interface PageData {
  views: ViewData[]; theme: string; level: string; notes: string[]; recorded?: (number | string)[];
  nodes: { key: string; kind: Role; fn?: string; name?: string; label: string; line?: string; output?: number }[];
  edges: EdgeData[]; about: Record<string, string>; results: [number, number[]][];
  leaves: [number, number | string][]; outputs: number[]; insets: Record<string, { prefix: string; svg: string }>; sheets: { light: string; dark: string };
}

/** A value or a function of the graph. Of a value: `maker`, −1 for a leaf, and its place `at` among the numbers. */
export interface GraphNode {
  key: string; kind: Role; fn: string; name: string; label: string; line?: string; index: number;
  into: GraphEdge[]; out: GraphEdge[]; adding: GraphEdge[]; results: number[]; maker: number; place: number;
  at: number; reached: boolean; forward: number; backward?: number; leaf?: boolean; output?: number;
}

/** An operand of a function; its local derivatives stand from `at` among the numbers, one per result. */
export interface GraphEdge extends EdgeData { index: number; at: number }

export interface Graph {
  nodes: GraphNode[]; edges: GraphEdge[]; quantities: GraphNode[]; leafOf: Map<number, number>; leaves: number[];
  leafOrder: number[]; outputs: number[]; output: number; recorded: number[]; inputs: number[]; numbers: number[];
  gradientsAt: number; seed: number; nudge?: Nudge; curves: Record<string, (x: number) => number>;
}

/** A leaf pushed by epsilon: by place among the numbers, the change of each value, and the change that ∂ predicts. */
export interface Nudge { leaf: number; epsilon: number; real: number[]; predicted: number[] }

export type Step = { kind: "start" | "seed" | "done"; node?: undefined } | { kind: "forward" | "backward"; node: GraphNode };

/** What has arrived at a value: the sum so far, its terms, and whether more are to come. */
export interface Arrived { sum?: number; terms: number[]; done: boolean }

export interface Link { edge: GraphEdge; to: GraphNode; local: number }
export interface GradientPath { at: GraphNode; links: Link[]; product: number; bound: number; ended: boolean }

export interface Box { x: number; y: number; width: number; height: number }
export interface TextBinding {
  element: SVGTextElement; first: Text; note: SVGTSpanElement | null; role: string; rest: string; size: number;
  small: boolean; prefix: string; shown: string; noted: string; fitted?: number;
}
export interface ShapeBinding { element: SVGGraphicsElement; role: string; own: string }

/** Where a node stands, `frame` and `box` once it is measured: its group, or the cell of a heat map; `inBox` where a box folds it. */
export interface NodeBinding {
  group: SVGGraphicsElement | null; shape?: ShapeBinding; totalGroup?: SVGGraphicsElement | null;
  sketch?: SVGGElement | null; told?: boolean; stated?: SVGTextElement; under?: NodeBinding;
  room?: number; cell?: boolean; inBox?: BoxBinding; frame?: Box; box?: Box; spoken?: string;
}
/** A value where it is used, far from where it stands. */
export interface PortBinding { group: SVGGraphicsElement; label: SVGGraphicsElement | null; edge: DrawnEdge; from: number; box?: Box }
/** An edge of the picture: into a function, or (`result`) from one to what it makes. */
export interface DrawnEdge extends GraphEdge { result?: boolean }
export interface EdgeBinding {
  edge: DrawnEdge; from: number; to: number; line: SVGGraphicsElement | null; label: SVGGraphicsElement | null;
  path?: ShapeBinding; wide: number; weight?: number; box?: Box;
}
export interface BoxBinding {
  group: SVGGraphicsElement; frameElement: SVGGraphicsElement; inside: number[]; scalars: number[]; key: string;
  /** The text that names it: a formula follows its numbers. */
  name: Element | null;
  /** What the title of a formula says after it. */
  rest?: string;
  frame?: Box; box?: Box;
}
/** What a text stands in: where it is, and how wide a circle is. */
export interface Bound { box?: Box; room?: number }
/** A text that shows a number of a node or of an edge; `pair` is what the text beside a gradient shows of it. */
export interface BoundText {
  text: TextBinding; what: What; node?: number; edge?: DrawnEdge; plain: string; bound: Bound; pair?: What; inBox?: boolean; written?: (string | number)[]; room?: number;
}
export interface BoundCell { shape?: ShapeBinding; node: number; what: What; bound: BoxBinding }

/** Which part of the drawing is shown: its left top corner, and pixels of the screen per unit. */
export interface View { x: number; y: number; scale: number }

export interface Picture {
  svg: SVGSVGElement; prefix: string; view: ViewData; stageElement: HTMLElement; stage: number;
  nodes: NodeBinding[]; edges: EdgeBinding[]; boxes: BoxBinding[]; ports: PortBinding[]; texts: BoundText[]; cells: BoundCell[];
  places: Map<string, number>; lines: Map<string, DrawnEdge>;
  full: { width: number; height: number }; cursor: SVGRectElement; sightline: View; touched: boolean; gliding: number; told?: string;
  moved?: () => void;
}

/** Inputs as they were before a gesture in one place. */
export interface Moment { place: number; time: number; inputs: number[] }

/** What undoing needs of the page. */
export interface Undoable { past: Moment[]; future: Moment[]; graph: { inputs: number[] }; update(): void }

/** A part of the graph drawn where its box stands: a picture of its own, inside the drawing. */
export interface Inset { picture: Picture; frame: SVGGElement; key: string }

export interface Drag {
  index?: number; place?: number; box?: BoxBinding; target: EventTarget | null; x: number; y: number; from: number; view: View; moved: boolean;
}

/** The page: what it shows, and what its parts may ask of the whole. */
export interface App {
  data: PageData; graph: Graph; compiled: Compiled | null; pushing?: number;
  /** Functions of one operand, by name and label: what draws their curves. */
  curves: Record<string, (x: number) => number>; fallback: number[]; step: number; steps: Step[];
  selected?: number; hovered?: number; box?: BoxBinding; drag?: Drag; clicked?: { target: EventTarget | null; time: number }; timer: number; frame: number; painting: number;
  resting: number; past: Moment[]; future: Moment[]; titled: boolean; insets: Inset[]; pictures: Map<string, Picture>; picture: Picture; fields: HTMLInputElement[];
  show(): void;
  update(): void;
  updateSoon(): void;
  go(step: number): void;
  pause(): void;
  play(): void;
  select(index?: number): void;
  /** Give a drawing the colours of the theme. */
  ink(svg: SVGSVGElement, prefix: string): void;
  switchLevel(level: string): void;
}
