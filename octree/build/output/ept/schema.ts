/** The stored dimensions of a built cloud, in order: X, Y, Z, Intensity if there is one, and the others. */
import type { EptJson } from '../../../formats/index.ts';
import type { IngestedPoints } from '../../ingest/index.ts';
import { type Attribute, INTENSITY_BYTES, NUMBER_BYTES } from '../../points/index.ts';
import type { BuildEncoding } from '../build-encoding.ts';

type EptJsonDimension = EptJson['schema'][number] & {
  readonly count?: number;
  readonly minimum?: number;
  readonly maximum?: number;
};

/** The `schema` of ept.json, with the range of each dimension, because viewers scale colours to it. */
export function eptSchema(
  { steps, extent, store, intensity, intensityRange, attributes }: IngestedPoints,
  encoding: BuildEncoding,
): EptJsonDimension[] {
  const { scale, offset } = steps;
  const axis = (name: string, index: 0 | 1 | 2): EptJsonDimension => ({
    name,
    type: 'signed',
    size: 4,
    scale,
    offset: offset[index],
    count: store.count,
    minimum: extent.min[index] * scale + offset[index],
    maximum: extent.max[index] * scale + offset[index],
  });
  const dimensions = [axis('X', 0), axis('Y', 1), axis('Z', 2)];
  // The files of `laszip` have the field of an intensity in any case.
  if (encoding === 'laszip')
    return [...dimensions, { name: 'Intensity', type: 'unsigned', size: 2 }, ...otherDimensions(attributes)];
  if (intensity !== null) {
    dimensions.push({
      name: 'Intensity',
      type: intensity === 'uint16' ? 'unsigned' : 'float',
      size: INTENSITY_BYTES[intensity],
      count: store.count,
      minimum: intensityRange[0],
      maximum: intensityRange[1],
    });
  }
  return [...dimensions, ...otherDimensions(attributes)];
}

function otherDimensions(attributes: readonly Attribute[]): EptJson['schema'][number][] {
  return attributes.map(({ name, type }) => ({
    name,
    type:
      type.startsWith('float') || type.endsWith('64')
        ? 'float'
        : type.startsWith('u')
          ? 'unsigned'
          : 'signed',
    size: NUMBER_BYTES[type] as 1 | 2 | 4 | 8,
  }));
}
