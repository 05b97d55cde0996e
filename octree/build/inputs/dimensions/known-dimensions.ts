/**
 * Dimensions of an input by their names in the file become those of LAS that they mean; colours become 16
 * bits. Others are kept under their own names.
 */
import { type Attribute, NUMBER_BYTES } from '../../points/index.ts';
import type { PointBatch, PointInput, PointReadOptions } from '../point-input.ts';
import { type Convert, colourFactor, packedColour, scaledColour, typeFits, whole } from './conversions.ts';
import { filledIntensity } from './filled-intensity.ts';
import {
  colourPart,
  type InputAttribute,
  isPackedColour,
  isPadding,
  type KnownDimension,
  knownDimension,
  TAKEN_NAMES,
} from './known-names.ts';
import { type ValueRange, valueRanges } from './value-ranges.ts';

/** An input whose attributes have the names of the file, and its values. */
interface NamedInput extends PointInput {
  readonly attributes: readonly InputAttribute[];
}

interface KeptDimension {
  readonly attribute: Attribute;
  /** Index of the input's attribute. */
  readonly from: number;
  /** null: the values are stored as they are. */
  readonly convert: Convert | null;
}

const COLOURS = ['Red', 'Green', 'Blue'] as const;
/** Most bytes of a point for dimensions under their own names; descriptors of surroundings have hundreds. */
const MOST_OWN_BYTES = 256;
/** The room for a name in LAS: 32 bytes with a 0 at the end. */
const MOST_NAME_BYTES = 31;

/** Reads up to a million points, if only the values can tell what they are. */
export async function knownDimensions(named: NamedInput): Promise<PointInput> {
  if (named.attributes.length === 0) return named;
  const input = await filledIntensity(named);
  const { attributes } = input;
  const unsure = attributes.flatMap((attribute, index) => (isUnsure(attribute) ? [index] : []));
  const ranges = await valueRanges(input, new Set(unsure));
  const plan = new DimensionPlan(attributes, ranges);
  return {
    ...input,
    attributes: plan.kept.map(({ attribute }) => attribute),
    unread: [...(input.unread ?? []), ...plan.left],
    batches: (options = {}) =>
      options.attributes ? converted(input, plan.kept, options) : input.batches(options),
  };
}

function isUnsure(attribute: InputAttribute): boolean {
  if (colourPart(attribute) !== null) return colourFactor(attribute.type, null) === null;
  const known = knownDimension(attribute);
  return known !== null && !typeFits(attribute.type, known.most);
}

/** Which dimensions are kept, and how. */
class DimensionPlan {
  readonly kept: KeptDimension[] = [];
  /** Names of those that are not. */
  readonly left: string[] = [];
  readonly #attributes: readonly InputAttribute[];
  readonly #ranges: ReadonlyMap<number, ValueRange | null>;
  readonly #names = new Set<string>();
  #ownBytes = 0;

  constructor(attributes: readonly InputAttribute[], ranges: ReadonlyMap<number, ValueRange | null>) {
    this.#attributes = attributes;
    this.#ranges = ranges;
    for (const [from, { name, type, isKnown }] of attributes.entries())
      if (isKnown) this.#add({ attribute: { name, type }, from, convert: null });
    const colours = this.#addColours();
    for (const [from, attribute] of attributes.entries()) {
      if (colours.has(from) || attribute.isKnown || isPadding(attribute)) continue;
      const known = knownDimension(attribute);
      if (known === null || !this.#addKnown(from, known)) this.#addOwn(from);
    }
  }

  /** Returns the attributes that hold the colours. */
  #addColours(): ReadonlySet<number> {
    const parts = COLOURS.map((_, part) =>
      this.#attributes.findIndex((attribute) => colourPart(attribute) === part),
    );
    const factors = parts.map((from) =>
      from === -1 ? null : colourFactor(this.#attributes[from]!.type, this.#ranges.get(from) ?? null),
    );
    if (factors.every((factor) => factor !== null) && !this.#names.has('Red')) {
      // A dark scene may have no value above 1 in one of the parts.
      const factor = Math.min(...factors);
      for (const [part, name] of COLOURS.entries())
        this.#add({ attribute: { name, type: 'uint16' }, from: parts[part]!, convert: scaledColour(factor) });
      return new Set(parts);
    }
    const packed = this.#attributes.findIndex(isPackedColour);
    if (packed === -1 || this.#names.has('Red')) return new Set();
    const isFloat = this.#attributes[packed]!.type === 'float32';
    for (const [part, name] of COLOURS.entries())
      this.#add({
        attribute: { name, type: 'uint16' },
        from: packed,
        convert: packedColour(16 - 8 * part, isFloat),
      });
    return new Set([packed]);
  }

  #addKnown(from: number, { attribute, most }: KnownDimension): boolean {
    const { type } = this.#attributes[from]!;
    if (this.#names.has(attribute.name)) return false;
    if (typeFits(type, most)) return this.#add({ attribute, from, convert: null });
    const range = this.#ranges.get(from) ?? null;
    if (range === null || !range.areWhole || range.least < 0 || range.most > most) return false;
    return this.#add({ attribute, from, convert: whole(most) });
  }

  #addOwn(from: number): void {
    const { name, type } = this.#attributes[from]!;
    const own = this.#ownName(name);
    this.#ownBytes += NUMBER_BYTES[type];
    if (own === null || this.#ownBytes > MOST_OWN_BYTES) this.left.push(name);
    else this.#add({ attribute: { name: own, type }, from, convert: null });
  }

  /** A name that LAS can have and no other dimension has. */
  #ownName(name: string): string | null {
    const plain = name.replaceAll(/[^\x20-\x7e]/g, '_').trim();
    if (plain === '' || plain.length > MOST_NAME_BYTES - 1) return null;
    const free = [plain, `${plain}_`].find((own) => !TAKEN_NAMES.has(own) && !this.#names.has(own));
    return free ?? null;
  }

  #add(kept: KeptDimension): true {
    this.#names.add(kept.attribute.name);
    this.kept.push(kept);
    return true;
  }
}

async function* converted(
  input: PointInput,
  kept: readonly KeptDimension[],
  options: PointReadOptions,
): AsyncGenerator<PointBatch> {
  const columns: Float64Array[] = [];
  const misfits = kept.map(() => 0);
  for await (const batch of input.batches(options)) {
    const attributes = kept.map(({ from, convert }, index) => {
      const values = batch.attributes[from]!;
      if (convert === null) return values;
      if ((columns[index]?.length ?? 0) < values.length) columns[index] = new Float64Array(values.length);
      const column = columns[index]!;
      misfits[index]! += convert(values, batch.count, column);
      return column;
    });
    yield { ...batch, attributes };
  }
  for (const [index, count] of misfits.entries())
    if (count > 0)
      options.warn?.(
        `${count} values of ${input.attributes[kept[index]!.from]!.name} do not fit ${kept[index]!.attribute.name} and become 0`,
      );
}
