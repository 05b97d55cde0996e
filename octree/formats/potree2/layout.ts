/** Layout of Potree 2 nodes: interleaved records, or one plane per attribute. */
import type { NodeEncoding } from '../../decode/index.ts';
import { type PlaneLayout, planeBytes } from '../../decode/index.ts';
import type { DimensionFields, RecordLayout } from '../../points/index.ts';
import type { Potree2Attribute, Potree2Metadata } from './metadata.ts';

/** The encoding of all nodes of a cloud. */
export function potree2NodeEncoding(metadata: Potree2Metadata): NodeEncoding {
  return metadata.encoding === 'BROTLI'
    ? { kind: 'potree2-planes', layout: planeLayout(metadata) }
    : { kind: 'records', compression: 'none', layout: recordLayout(metadata) };
}

/** True if points have a red, a green and a blue. */
export function hasColour({ attributes }: Potree2Metadata): boolean {
  return dimensionsOf(attributes).colour !== undefined;
}

function planeLayout({ attributes, scale, offset }: Potree2Metadata): PlaneLayout {
  const { at, stride } = places(attributes, ({ name, size }) => planeBytes(name, size));
  const intensity = attributes.find(isIntensity);
  return {
    stride,
    positionAt: at.get('position')!,
    dimensionsAt: Object.fromEntries(
      Object.entries(dimensionsOf(attributes)).flatMap(([name, attribute]) =>
        attribute === undefined ? [] : [[name, at.get(attribute.name)!]],
      ),
    ),
    scale,
    offset,
    intensity: intensity
      ? { at: at.get(intensity.name)!, scale: intensity.scale, offset: intensity.offset }
      : null,
  };
}

/** The attributes that are read besides position and intensity. */
function dimensionsOf(attributes: readonly Potree2Attribute[]) {
  const byte = (name: string) =>
    attributes.find((a) => a.name === name && a.size === 1 && a.type === 'uint8');
  return {
    classification: byte('classification'),
    returnNumber: byte('return number'),
    colour: attributes.find((a) => a.name === 'rgb' && a.size === 6 && a.type === 'uint16'),
  };
}

function dimensionFields(
  attributes: readonly Potree2Attribute[],
  at: ReadonlyMap<string, number>,
): DimensionFields {
  const { classification, returnNumber, colour } = dimensionsOf(attributes);
  const field = ({ name }: Potree2Attribute, size: number, step = 0) =>
    ({ at: at.get(name)! + step, type: 'unsigned', size, scale: 1, offset: 0 }) as const;
  return {
    ...(classification !== undefined && { classification: [field(classification, 1)] }),
    ...(returnNumber !== undefined && { returnNumber: [field(returnNumber, 1)] }),
    ...(colour !== undefined && { colour: [0, 2, 4].map((step) => field(colour, 2, step)) }),
  };
}

function recordLayout({ attributes, scale, offset }: Potree2Metadata): RecordLayout {
  const { at, stride } = places(attributes, ({ size }) => size);
  const positionAt = at.get('position')!;
  const axis = (i: 0 | 1 | 2) =>
    ({ at: positionAt + 4 * i, type: 'signed', size: 4, scale: scale[i], offset: offset[i] }) as const;
  const intensity = attributes.find(isIntensity);
  return {
    stride,
    x: axis(0),
    y: axis(1),
    z: axis(2),
    dimensions: dimensionFields(attributes, at),
    intensity: intensity
      ? {
          at: at.get(intensity.name)!,
          type: 'unsigned',
          size: 2,
          scale: intensity.scale,
          offset: intensity.offset,
        }
      : null,
  };
}

/** Offset of each attribute within a point, and the size of a point, bytes. */
function places(attributes: readonly Potree2Attribute[], bytesOf: (attribute: Potree2Attribute) => number) {
  const at = new Map<string, number>();
  let stride = 0;
  for (const attribute of attributes) {
    at.set(attribute.name, stride);
    stride += bytesOf(attribute);
  }
  return { at, stride };
}

function isIntensity({ name, size, type }: Potree2Attribute): boolean {
  return name === 'intensity' && size === 2 && type === 'uint16';
}
