/** How Potree 2 nodes are laid out: interleaved records, or planes, one for each attribute. */
import type { NodeEncoding, RecordLayout } from '../decode-job.ts';
import { type PlaneLayout, planeBytes } from './decode-planes.ts';
import type { Potree2Attribute, Potree2Metadata } from './metadata.ts';

/** The encoding of all nodes of a cloud. */
export function potree2NodeEncoding(metadata: Potree2Metadata): NodeEncoding {
  return metadata.encoding === 'BROTLI'
    ? { kind: 'potree2-planes', layout: planeLayout(metadata) }
    : { kind: 'records', compression: 'none', layout: recordLayout(metadata) };
}

function planeLayout({ attributes, scale, offset }: Potree2Metadata): PlaneLayout {
  const { at, stride } = places(attributes, ({ name, size }) => planeBytes(name, size));
  const intensity = attributes.find(isIntensity);
  return {
    stride,
    positionAt: at.get('position')!,
    scale,
    offset,
    intensity: intensity
      ? { at: at.get(intensity.name)!, scale: intensity.scale, offset: intensity.offset }
      : null,
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

/** Bytes of a point before each attribute, and of all of them. */
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
