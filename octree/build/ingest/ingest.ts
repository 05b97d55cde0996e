/** Reads the inputs and turns their coordinates into steps of the scale. */
import type { Vec3 } from '../../geometry/index.ts';
import {
  applyPose,
  type BuildPose,
  badInput,
  type PointBatch,
  type PointInput,
  wrongInput,
} from '../inputs/index.ts';
import {
  type Attribute,
  type BuildColumns,
  chooseSteps,
  commonIntensity,
  FINEST_SCALE,
  type IntensityKind,
  PointStore,
  type StepExtent,
  type Steps,
  scaleTooFine,
} from '../points/index.ts';
import { AttributeColumns } from './attribute-columns.ts';
import { middleOf, Rounding } from './rounding.ts';
import { collapseOf, couldBeDegrees } from './scale-check.ts';
import { areFew, isWithin, PositionSample } from './wild-points.ts';

export interface PosedInput {
  readonly input: PointInput;
  /** Transforms coordinates of the input to those of the cloud; null: they are equal. */
  readonly pose: BuildPose | null;
}

/** What was read from one input. */
interface SourceSummary {
  readonly path: string;
  readonly points: number;
  /** In steps; null if no point has finite coordinates. */
  readonly extent: StepExtent | null;
}

export interface IngestedPoints {
  readonly store: PointStore;
  readonly intensity: IntensityKind | null;
  /** Stored dimensions other than position and intensity. */
  readonly attributes: readonly Attribute[];
  readonly steps: Steps;
  readonly extent: StepExtent;
  readonly intensityRange: readonly [number, number];
  readonly sources: readonly SourceSummary[];
  /** Points that were left out because a coordinate is not finite. */
  readonly dropped: number;
  /** Points that were left out because they are wild (wild-points.ts). */
  readonly wild: number;
  /** The coordinate reference system of the inputs as WKT; null if they have none or differ. */
  readonly wkt: string | null;
  /** Names of the input dimensions that were not stored. */
  readonly notKept: readonly string[];
  /** Messages for the owner of the inputs: one sentence each, with the name of the file. */
  readonly warnings: readonly string[];
}

/** `drop`: wild points are left out and counted; `refuse`: the input is refused. */
export type WildPoints = 'drop' | 'refuse';

export interface IngestOptions {
  /** Metres; null: DEFAULT_SCALE, or the scale of the inputs if that is finer. */
  readonly scale: number | null;
  readonly wildPoints: WildPoints;
  /** Most points in memory; the others go to `spillPath`. */
  readonly memoryPoints: number;
  readonly spillPath: string;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch with the number of points read so far and the number that the headers state. */
  readonly onRead?: (done: number, promised: number) => void;
}

export const DEFAULT_SCALE = 0.001;

const REPROJECT = 'its coordinates look like degrees (longitude and latitude): reproject them to metres, or ';
/** Steps that are no metres: 1e-6 degrees are 0.1 m, and no scanner measures 0.001 mm. */
const DEGREE_STEP = 1.001e-6;
/** Most warnings that are listed; further ones are only counted. */
const MOST_WARNINGS = 100;
/** If rounding leaves a smaller fraction of the sampled points distinct, an unstated scale is refused; */
const REFUSED_SHARE = 0.1;
/** below this fraction there is a warning. */
const WARNED_SHARE = 0.5;

export async function ingest(inputs: readonly PosedInput[], options: IngestOptions): Promise<IngestedPoints> {
  const reading = new Reading(inputs, options);
  try {
    for (const posed of inputs) await reading.read(posed);
    return await reading.result();
  } catch (error) {
    reading.store.discard();
    throw error;
  }
}

/** The state of reading the inputs. */
class Reading {
  store: PointStore;
  readonly #options: IngestOptions;
  readonly #scale: number;
  readonly #paths: string;
  readonly #promised: number;
  readonly #intensity: IntensityKind | null;
  readonly #attributes: AttributeColumns;
  readonly #wkt: string | null;
  readonly #notKept: ReadonlySet<string>;
  readonly #sources: SourceSummary[] = [];
  readonly #warnings: string[] = [];
  readonly #sample = new PositionSample();
  #rounding: Rounding | null = null;
  #lowIntensity = Infinity;
  #highIntensity = -Infinity;
  /** Points of the batches before the first one with finite coordinates. */
  #before = 0;
  #seen = 0;

  constructor(inputs: readonly PosedInput[], options: IngestOptions) {
    this.#options = options;
    this.#paths = inputs.length === 1 ? inputs[0]!.input.path : `${inputs.length} inputs`;
    this.#promised = inputs.reduce((sum, { input }) => sum + input.count, 0);
    const wkts = new Set(inputs.map(({ input }) => input.wkt ?? null));
    this.#wkt = wkts.size === 1 ? [...wkts][0]! : null;
    this.#intensity = commonIntensity(inputs.map(({ input }) => input.intensity));
    this.#attributes = new AttributeColumns(inputs.map(({ input }) => input));
    this.#notKept = new Set(inputs.flatMap(({ input }) => input.unread ?? []));
    this.#scale = this.#chooseScale(inputs.map(({ input }) => input));
    this.store = new PointStore({
      intensity: this.#intensity,
      attributes: this.#attributes.all,
      blockPoints: options.memoryPoints,
      path: options.spillPath,
      expected: this.#promised,
    });
  }

  async read({ input, pose }: PosedInput): Promise<void> {
    const { signal, onRead } = this.#options;
    const before = this.store.count;
    const min = [Infinity, Infinity, Infinity];
    const max = [-Infinity, -Infinity, -Infinity];
    for (const what of input.warnings ?? []) this.#warn(input.path, what);
    const warn = (what: string) => this.#warn(input.path, what);
    for await (const batch of input.batches({ signal, warn, attributes: true })) {
      signal?.throwIfAborted();
      if (pose !== null) applyPose(pose, batch);
      await this.#append(batch, input, min, max);
      this.#seen += batch.count;
      onRead?.(this.#seen, this.#promised);
    }
    const points = this.store.count - before;
    const extent = points === 0 ? null : { min: toVec3(min), max: toVec3(max) };
    this.#sources.push({ path: input.path, points, extent });
  }

  async result(): Promise<IngestedPoints> {
    if (this.#rounding === null) {
      throw badInput(
        this.#paths,
        this.#before === 0 ? 'has no points' : 'has no point with finite coordinates',
      );
    }
    const { steps, beyond, farthest, notFinite } = this.#rounding;
    const points = this.store.count + beyond;
    if (!areFew(beyond, points)) throw scaleTooFine(this.#scale, farthest, this.#paths);
    const wild = beyond + (await this.#dropWildPoints());
    if (wild > 0 && this.#options.wildPoints === 'refuse') {
      throw badInput(
        this.#paths,
        `${wild} of ${points} points lie far away from all others; --wild-points drop leaves them out`,
      );
    }
    const { used } = this.#attributes;
    this.store.select(used);
    return {
      store: this.store,
      intensity: this.#intensity,
      attributes: used.map((column) => this.#attributes.all[column]!),
      steps,
      extent: this.#extent(),
      intensityRange: [this.#lowIntensity, this.#highIntensity],
      sources: this.#sources,
      dropped: this.#before + notFinite,
      wild,
      wkt: this.#wkt,
      notKept: [...this.#notKept],
      warnings: this.#warnings,
    };
  }

  #extent(): StepExtent {
    const extents = this.#sources.flatMap(({ extent }) => extent ?? []);
    const of = (pick: (values: number[]) => number, corner: 'min' | 'max') =>
      toVec3([0, 1, 2].map((axis) => pick(extents.map((extent) => extent[corner][axis]!))));
    return {
      min: of((values) => values.reduce((a, b) => Math.min(a, b)), 'min'),
      max: of((values) => values.reduce((a, b) => Math.max(a, b)), 'max'),
    };
  }

  /** The stated scale; else the finest scale of the inputs, but not coarser than the default. */
  #chooseScale(inputs: readonly PointInput[]): number {
    const own = Math.min(...inputs.flatMap(({ scale }) => scale ?? []).map(Math.abs));
    const { scale } = this.#options;
    const chosen = scale ?? Math.max(FINEST_SCALE, Math.min(DEFAULT_SCALE, own));
    if (own < chosen * 0.999)
      this.#warn(
        this.#paths,
        `stores steps of ${own}, the cloud has steps of ${chosen}: coordinates are rounded`,
      );
    return chosen;
  }

  #warn(path: string, what: string): void {
    if (this.#warnings.length < MOST_WARNINGS) this.#warnings.push(`${path}: ${what}`);
  }

  /** The offset is near the median of the first points, because the first one may be wild. */
  #begin(batch: PointBatch, input: PointInput): Rounding | null {
    const middle = middleOf(batch, this.#scale);
    if (middle === null) return null;
    const steps = chooseSteps(this.#scale, middle);
    this.#checkUnit(batch, input);
    this.#checkCollapse(batch, steps, input.path);
    return new Rounding(steps);
  }

  /**
   * Refuses longitudes and latitudes. It recognises them by the reference system, or by a step that is too
   * small for metres.
   */
  #checkUnit(batch: PointBatch, { path, scale, isGeographic }: PointInput): void {
    if (this.#options.scale !== null) return;
    const hasTinySteps =
      scale !== undefined && Math.abs(scale[0]) <= DEGREE_STEP && Math.abs(scale[1]) <= DEGREE_STEP;
    if (isGeographic || (hasTinySteps && couldBeDegrees(batch)))
      throw wrongInput(path, `${REPROJECT}state a --scale`);
  }

  #checkCollapse(batch: PointBatch, steps: Steps, path: string): void {
    const collapse = collapseOf(batch, steps);
    if (collapse === null || collapse.after >= WARNED_SHARE * collapse.before) return;
    const { before, after, isPlan } = collapse;
    const unit = couldBeDegrees(batch) ? REPROJECT : '';
    const what = `with steps of ${steps.scale}, only ${after} of ${before} sampled points have distinct positions${isPlan ? ', seen from above' : ''}`;
    if (this.#options.scale === null && after < REFUSED_SHARE * before)
      throw wrongInput(path, `${what}; ${unit}state a finer --scale`);
    this.#warn(path, what);
  }

  /** Removes the wild points from the store and returns their number. */
  async #dropWildPoints(): Promise<number> {
    const limits = this.#sample.sceneLimits(this.#scale);
    const { min, max } = this.#extent();
    const isInside = (low: Vec3, high: Vec3) =>
      [0, 1, 2].every((axis) => min[axis]! >= low[axis]! && max[axis]! <= high[axis]!);
    if (limits === null || isInside(limits.min, limits.max)) return 0;
    const before = this.store.count;
    let wild = 0;
    for (const block of this.store.blocks())
      for (let i = 0; i < block.count; i++) if (!isWithin(block, i, limits)) wild++;
    if (!areFew(wild, before)) return 0;
    if (this.#options.wildPoints === 'refuse') return wild;
    await this.#keepWithin(limits);
    return wild;
  }

  /** Removes the stored points outside of `limits`, and computes the extents of the inputs again. */
  async #keepWithin(limits: StepExtent): Promise<void> {
    const { blockPoints, path } = {
      blockPoints: this.#options.memoryPoints,
      path: `${this.#options.spillPath}.kept`,
    };
    const kept = new PointStore({
      intensity: this.#intensity,
      attributes: this.#attributes.all,
      blockPoints,
      path,
      expected: this.store.count,
    });
    const sources = this.#sources.map((source) => ({ ...source, ...emptyExtent(), kept: 0 }));
    let source = 0;
    let left = sources[0]!.points;
    for (const block of this.store.blocks()) {
      for (let i = 0; i < block.count; i++) {
        while (left === 0) left = sources[++source]!.points;
        left--;
        if (!isWithin(block, i, limits)) continue;
        if (kept.full) kept.flush();
        kept.append(block, i);
        const of = sources[source]!;
        of.kept++;
        include(of.min, of.max, block.x[i]!, block.y[i]!, block.z[i]!);
      }
    }
    this.store.discard();
    this.store = kept;
    for (const [index, { path: file, kept: points, min, max }] of sources.entries())
      this.#sources[index] = {
        path: file,
        points,
        extent: points === 0 ? null : { min: toVec3(min), max: toVec3(max) },
      };
  }

  async #append(batch: PointBatch, input: PointInput, min: number[], max: number[]): Promise<void> {
    this.#rounding ??= this.#begin(batch, input);
    if (this.#rounding === null) {
      this.#before += batch.count;
      return;
    }
    for (let next = 0; next < batch.count; ) {
      if (this.store.full) this.store.flush();
      const columns = this.store.next(batch.count - next);
      const first = columns.count;
      const run = this.#rounding.append(batch, next, columns, min, max);
      next = run.next;
      this.#copyIntensity(batch.intensity, run.rows, columns.intensity, first);
      this.#attributes.copy(batch, input, run.rows, columns, first);
      this.#sample.add(columns, first, columns.count);
    }
  }

  /** Intensities that are not finite become 0, the value of points without one. */
  #copyIntensity(
    values: Float64Array | null,
    rows: Uint32Array,
    to: BuildColumns['intensity'],
    first: number,
  ): void {
    if (to === null) return;
    let low = this.#lowIntensity;
    let high = this.#highIntensity;
    for (let i = 0; i < rows.length; i++) {
      const value = values === null ? 0 : values[rows[i]!]!;
      // The difference is 0, or not a number.
      const stored = value - value === 0 ? value : 0;
      to[first + i] = stored;
      if (stored < low) low = stored;
      if (stored > high) high = stored;
    }
    this.#lowIntensity = low;
    this.#highIntensity = high;
  }
}

function emptyExtent(): { min: number[]; max: number[] } {
  return { min: [Infinity, Infinity, Infinity], max: [-Infinity, -Infinity, -Infinity] };
}

function include(min: number[], max: number[], x: number, y: number, z: number): void {
  if (x < min[0]!) min[0] = x;
  if (x > max[0]!) max[0] = x;
  if (y < min[1]!) min[1] = y;
  if (y > max[1]!) max[1] = y;
  if (z < min[2]!) min[2] = z;
  if (z > max[2]!) max[2] = z;
}

function toVec3(values: readonly number[]): Vec3 {
  return [values[0]!, values[1]!, values[2]!];
}
