/** Reads the inputs, drops points that are not finite, and turns the rest into steps of the scale. */
import type { Vec3 } from '../geometry/index.ts';
import type { IntensityKind } from './columns.ts';
import type { StepExtent } from './cube.ts';
import type { PointBatch, PointInput } from './inputs/index.ts';
import { badInput, commonIntensity } from './inputs/index.ts';
import { PointStore } from './point-store.ts';
import { applyPose, type Pose } from './poses.ts';
import { chooseSteps, fitsSteps, type Steps, scaleTooFine } from './steps.ts';

export interface PosedInput {
  readonly input: PointInput;
  /** Takes the input's coordinates to the cloud's; null leaves them as they are. */
  readonly pose: Pose | null;
}

/** What was read of one input. */
export interface SourceSummary {
  readonly path: string;
  readonly points: number;
  /** In steps; null if no point was finite. */
  readonly extent: StepExtent | null;
}

export interface IngestedPoints {
  readonly store: PointStore;
  readonly intensity: IntensityKind | null;
  readonly steps: Steps;
  readonly extent: StepExtent;
  readonly intensityRange: readonly [number, number];
  readonly sources: readonly SourceSummary[];
  /** Points left out because a coordinate was not finite. */
  readonly dropped: number;
}

export interface IngestOptions {
  readonly scale: number;
  /** Points that are kept in memory; more go to `spillPath`. */
  readonly memoryPoints: number;
  readonly spillPath: string;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch with the points read so far and those promised. */
  readonly onRead?: (done: number, promised: number) => void;
}

export async function ingest(inputs: readonly PosedInput[], options: IngestOptions): Promise<IngestedPoints> {
  const reading = new Reading(inputs, options);
  try {
    for (const posed of inputs) await reading.read(posed);
    return reading.result();
  } catch (error) {
    await reading.store.discard();
    throw error;
  }
}

/** The state of a reading that is under way. */
class Reading {
  readonly store: PointStore;
  readonly #options: IngestOptions;
  readonly #paths: string;
  readonly #promised: number;
  readonly #intensity: IntensityKind | null;
  readonly #sources: SourceSummary[] = [];
  readonly #min = [Infinity, Infinity, Infinity];
  readonly #max = [-Infinity, -Infinity, -Infinity];
  #steps: Steps | null = null;
  #lowIntensity = Infinity;
  #highIntensity = -Infinity;
  #dropped = 0;
  #seen = 0;
  /** Metres from the offset of the farthest point, once one was too far for the scale. */
  #tooFar = 0;

  constructor(inputs: readonly PosedInput[], options: IngestOptions) {
    this.#options = options;
    this.#paths = inputs.length === 1 ? inputs[0]!.input.path : `${inputs.length} inputs`;
    this.#promised = inputs.reduce((sum, { input }) => sum + input.count, 0);
    this.#intensity = commonIntensity(inputs.map(({ input }) => input.intensity));
    this.store = new PointStore({
      intensity: this.#intensity,
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
    for await (const batch of input.batches(signal)) {
      signal?.throwIfAborted();
      if (pose !== null) applyPose(pose, batch);
      await this.#append(batch, min, max);
      this.#seen += batch.count;
      onRead?.(this.#seen, this.#promised);
    }
    const points = this.store.count - before;
    for (let axis = 0; axis < 3; axis++) {
      this.#min[axis] = Math.min(this.#min[axis]!, min[axis]!);
      this.#max[axis] = Math.max(this.#max[axis]!, max[axis]!);
    }
    const extent = points === 0 ? null : { min: toVec3(min), max: toVec3(max) };
    this.#sources.push({ path: input.path, points, extent });
  }

  result(): IngestedPoints {
    const { scale } = this.#options;
    if (this.#tooFar > 0) throw scaleTooFine(scale, this.#tooFar, this.#paths);
    if (this.#steps === null) {
      throw badInput(this.#paths, this.#dropped === 0 ? 'has no points' : 'has no point that is finite');
    }
    return {
      store: this.store,
      intensity: this.#intensity,
      steps: this.#steps,
      extent: { min: toVec3(this.#min), max: toVec3(this.#max) },
      intensityRange: [this.#lowIntensity, this.#highIntensity],
      sources: this.#sources,
      dropped: this.#dropped,
    };
  }

  async #append(batch: PointBatch, min: number[], max: number[]): Promise<void> {
    const { store } = this;
    for (let i = 0; i < batch.count; i++) {
      const x = batch.x[i]!;
      const y = batch.y[i]!;
      const z = batch.z[i]!;
      if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
        this.#dropped++;
        continue;
      }
      this.#steps ??= chooseSteps(this.#options.scale, [x, y, z]);
      const { scale, offset } = this.#steps;
      const stepX = Math.round((x - offset[0]) / scale);
      const stepY = Math.round((y - offset[1]) / scale);
      const stepZ = Math.round((z - offset[2]) / scale);
      if (!(fitsSteps(stepX) && fitsSteps(stepY) && fitsSteps(stepZ))) {
        // Read on, so that the error can name a scale that fits them all.
        const far = Math.max(Math.abs(x - offset[0]), Math.abs(y - offset[1]), Math.abs(z - offset[2]));
        this.#tooFar = Math.max(this.#tooFar, far);
        continue;
      }
      if (this.#tooFar > 0) continue;
      if (store.full) await store.flush();
      const columns = store.next();
      const at = columns.count++;
      columns.x[at] = stepX;
      columns.y[at] = stepY;
      columns.z[at] = stepZ;
      if (columns.intensity !== null) {
        const value = batch.intensity === null ? 0 : batch.intensity[i]!;
        // An intensity that is no number says nothing, and 0 is what readers give where there is none.
        const stored = Number.isFinite(value) ? value : 0;
        columns.intensity[at] = stored;
        if (stored < this.#lowIntensity) this.#lowIntensity = stored;
        if (stored > this.#highIntensity) this.#highIntensity = stored;
      }
      if (stepX < min[0]!) min[0] = stepX;
      if (stepX > max[0]!) max[0] = stepX;
      if (stepY < min[1]!) min[1] = stepY;
      if (stepY > max[1]!) max[1] = stepY;
      if (stepZ < min[2]!) min[2] = stepZ;
      if (stepZ > max[2]!) max[2] = stepZ;
    }
  }
}

function toVec3(values: readonly number[]): Vec3 {
  return [values[0]!, values[1]!, values[2]!];
}
