/**
 * Some drivers write an intensity of 0 throughout, and what the scanner measured under another name
 * (`reflectivity`, RIEGL's `Amplitude`): then that is the intensity.
 */
import { intensityKind, type NumberColumn } from '../../points/index.ts';
import type { PointBatch, PointInput, PointReadOptions } from '../point-input.ts';
import { intensityName } from './intensity-names.ts';
import type { InputAttribute } from './known-names.ts';

interface AttributedInput extends PointInput {
  readonly attributes: readonly InputAttribute[];
}

/** Most points that are looked at. */
const MOST_POINTS = 1_048_576;

/** The input as it is, or with the first other intensity that is not 0 throughout. Reads a million points. */
export async function filledIntensity<Input extends AttributedInput>(input: Input): Promise<Input> {
  const { attributes } = input;
  if (input.intensity === null || intensityName(attributes.map(({ name }) => name)) === null) return input;
  const filled = await filledAttributes(input);
  const name = intensityName(filled.map((index) => attributes[index]!.name));
  if (name === null) return input;
  const from = attributes.findIndex((attribute) => attribute.name === name);
  return {
    ...input,
    intensity: intensityKind(attributes[from]!.type),
    attributes: attributes.filter((_, index) => index !== from),
    warnings: [...(input.warnings ?? []), `its intensity is 0 throughout: ${name} is taken instead`],
    batches: (options = {}) => withIntensity(input, from, options),
  };
}

/** Indices of the attributes that are not 0 throughout; none if the intensity is not. */
async function filledAttributes(input: AttributedInput): Promise<number[]> {
  const isFilled = input.attributes.map(() => false);
  let points = 0;
  for await (const { intensity, attributes, count } of input.batches({ attributes: true })) {
    const isZero = (values: NumberColumn | null) =>
      values === null || values.subarray(0, count).every((value) => value === 0);
    if (!isZero(intensity)) return [];
    for (const [index, values] of attributes.entries()) isFilled[index] ||= !isZero(values);
    points += count;
    if (points >= MOST_POINTS) break;
  }
  return isFilled.flatMap((is, index) => (is ? [index] : []));
}

async function* withIntensity(
  input: PointInput,
  from: number,
  options: PointReadOptions,
): AsyncGenerator<PointBatch> {
  for await (const batch of input.batches({ ...options, attributes: true })) {
    const attributes = options.attributes ? batch.attributes.filter((_, index) => index !== from) : [];
    yield { ...batch, intensity: batch.attributes[from]!, attributes };
  }
}
