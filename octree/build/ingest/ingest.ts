/** Reads the inputs and turns their coordinates into steps of the scale. */
import { applyPose, type BuildPose, badInput, type PointBatch, type PointInput } from '../inputs/index.ts';
import {
  type Attribute,
  type BuildColumns,
  chooseSteps,
  commonIntensity,
  type IntensityKind,
  type NumberColumn,
  PointStore,
  type StepExtent,
  type Steps,
  scaleTooFine,
} from '../points/index.ts';
import { AttributeColumns } from './attribute-columns.ts';
import { type AppendedRun, middleOf, Rounding } from './rounding.ts';
import { checkUnit, chooseScale, collapseWarning, unitWarning } from './scale-choice.ts';
import { commonExtent, GrowingExtent, keepWithin, type SourceSummary } from './source-extents.ts';
import { areFew, countOutside, isInside, PositionSample } from './wild-points.ts';

export interface PosedInput {
  readonly input: PointInput;
  /** Transforms coordinates of the input to those of the cloud; null: they are equal. */
  readonly pose: BuildPose | null;
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

/** Most warnings that are listed; further ones are only counted. */
const MOST_WARNINGS = 100;

export async function ingest(inputs: readonly PosedInput[], options: IngestOptions): Promise<IngestedPoints> {
  const reading = new Reading(inputs, options);
  try {
    for (const posed of inputs) await reading.read(posed);
    return reading.result();
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
  #sources: SourceSummary[] = [];
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
    const { scale, warning } = chooseScale(
      inputs.map(({ input }) => input),
      options.scale,
    );
    this.#scale = scale;
    if (warning !== null) this.#warn(this.#paths, warning);
    this.store = this.#newStore(options.spillPath, this.#promised);
  }

  async read({ input, pose }: PosedInput): Promise<void> {
    const { signal, onRead } = this.#options;
    const before = this.store.count;
    const extent = new GrowingExtent();
    for (const what of input.warnings ?? []) this.#warn(input.path, what);
    const warn = (what: string) => this.#warn(input.path, what);
    for await (const batch of input.batches({ signal, warn, attributes: true })) {
      signal?.throwIfAborted();
      if (pose !== null) applyPose(pose, batch);
      this.#append(batch, input, extent);
      this.#seen += batch.count;
      onRead?.(this.#seen, this.#promised);
    }
    this.#sources.push(extent.summaryOf(input.path, this.store.count - before));
  }

  result(): IngestedPoints {
    if (this.#rounding === null) {
      throw badInput(
        this.#paths,
        this.#before === 0 ? 'has no points' : 'has no point with finite coordinates',
      );
    }
    const { steps, beyond, farthest, notFinite } = this.#rounding;
    const points = this.store.count + beyond;
    if (!areFew(beyond, points)) throw scaleTooFine(this.#scale, farthest, this.#paths);
    const wild = beyond + this.#dropWildPoints();
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
      extent: commonExtent(this.#sources),
      intensityRange: [this.#lowIntensity, this.#highIntensity],
      sources: this.#sources,
      dropped: this.#before + notFinite,
      wild,
      wkt: this.#wkt,
      notKept: [...this.#notKept],
      warnings: this.#warnings,
    };
  }

  #warn(path: string, what: string): void {
    if (this.#warnings.length < MOST_WARNINGS) this.#warnings.push(`${path}: ${what}`);
  }

  /** The offset is near the median of the first points, because the first one may be wild. */
  #begin(batch: PointBatch, input: PointInput): Rounding | null {
    const middle = middleOf(batch, this.#scale);
    if (middle === null) return null;
    const steps = chooseSteps(this.#scale, middle);
    const isStated = this.#options.scale !== null;
    if (!isStated) checkUnit(batch, input);
    const warning = collapseWarning(batch, steps, { path: input.path, isStated });
    for (const what of [warning, isStated ? null : unitWarning(batch)])
      if (what !== null) this.#warn(input.path, what);
    return new Rounding(steps);
  }

  /** Removes the wild points from the store and returns their number. */
  #dropWildPoints(): number {
    const limits = this.#sample.sceneLimits(this.#scale);
    if (limits === null || isInside(commonExtent(this.#sources), limits)) return 0;
    const wild = countOutside(this.store, limits);
    if (!areFew(wild, this.store.count)) return 0;
    if (this.#options.wildPoints === 'drop') this.#keepWithin(limits);
    return wild;
  }

  /** Removes the stored points outside of `limits`. */
  #keepWithin(limits: StepExtent): void {
    const kept = this.#newStore(`${this.#options.spillPath}.kept`, this.store.count);
    this.#sources = keepWithin(limits, this.store, this.#sources, kept);
    this.store.discard();
    this.store = kept;
  }

  #newStore(path: string, expected: number): PointStore {
    return new PointStore({
      intensity: this.#intensity,
      attributes: this.#attributes.all,
      blockPoints: this.#options.memoryPoints,
      path,
      expected,
    });
  }

  #append(batch: PointBatch, input: PointInput, { min, max }: GrowingExtent): void {
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
      this.#copyIntensity(batch.intensity, run, columns.intensity, first);
      this.#attributes.copy(batch, input, run, columns, first);
      this.#sample.add(columns, first, columns.count);
    }
  }

  /** Intensities that are not finite become 0, the value of points without one. */
  #copyIntensity(
    values: NumberColumn | null,
    run: AppendedRun,
    to: BuildColumns['intensity'],
    first: number,
  ): void {
    if (to === null) return;
    const { from, next, rows } = run;
    const count = rows?.length ?? next - from;
    let low = this.#lowIntensity;
    let high = this.#highIntensity;
    for (let i = 0; i < count; i++) {
      const value = values === null ? 0 : values[from + (rows === null ? i : rows[i]!)]!;
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
