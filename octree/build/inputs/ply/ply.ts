/** PLY files in their three encodings: the single values of the element `vertex` are read. */

import type { PlyElement, PlyProperty } from '../../../ply/header/index.ts';
import { intensityKind, NUMBER_BYTES } from '../../points/index.ts';
import { intensityName, knownDimensions, storedType } from '../dimensions/index.ts';
import { InputFile } from '../input-file.ts';

import { badInput, type PointBatch, type PointInput, type PointReadOptions } from '../point-input.ts';
import { type InputField, readRecords } from '../records/index.ts';
import { readTextPoints } from '../text/index.ts';
import { readListedPoints } from './ply-listed-points.ts';
import { endOfElement } from './ply-lists.ts';
import type { PlyPointProperties } from './ply-points.ts';
import { type PlyInputHeader, readPlyHeader } from './read-header.ts';

export function openPly(path: string): Promise<PointInput> {
  return InputFile.use(path, async (file) => {
    const header = await readPlyHeader(file);
    const vertices = header.elements.filter(({ name }) => name === 'vertex');
    const vertex = vertices[0];
    if (vertex === undefined || vertices.length > 1)
      throw badInput(path, `has ${vertices.length} elements "vertex"`);
    if (header.elements.every(({ count }) => count === 0) && file.size > header.end + 1)
      throw badInput(
        path,
        `its header counts 0 vertices, though ${file.size - header.end} bytes follow it: correct the count`,
      );
    const places = pointProperties(vertex, path);
    const intensity = places.intensity === null ? null : vertex.properties[places.intensity]!;
    const start = header.format === 'ascii' ? header.end : await startOfVertices(file, header, vertex);
    return knownDimensions({
      path,
      count: vertex.count,
      intensity: intensity === null ? null : intensityKind(intensity.type),
      attributes: places.others.map((index) => vertex.properties[index]!),
      unread: vertex.properties.filter(({ listLength }) => listLength !== null).map(({ name }) => name),
      batches: (options = {}) => readPoints(path, header, vertex, places, start, options),
    });
  });
}

function pointProperties({ properties }: PlyElement, path: string): PlyPointProperties {
  const single = (name: string): number => {
    const index = properties.findIndex((property) => property.name.toLowerCase() === name);
    return properties[index]?.listLength === null ? index : -1;
  };
  const axis = (name: string): number => {
    const index = single(name);
    if (index === -1)
      throw badInput(
        path,
        `its vertices have no property ${name}, but ${properties
          .map((p) => p.name)
          .join(' ')
          .slice(0, 200)}`,
      );
    return index;
  };
  const name = intensityName(properties.filter(({ listLength }) => listLength === null).map((p) => p.name));
  const intensity = name === null ? null : properties.findIndex((property) => property.name === name);
  const used = { x: axis('x'), y: axis('y'), z: axis('z'), intensity };
  const taken: (number | null)[] = Object.values(used);
  const others = properties.flatMap(({ listLength }, index) =>
    listLength === null && !taken.includes(index) ? [index] : [],
  );
  return { ...used, others };
}

/** Binary elements before the vertices are skipped. The length of the vertices is checked if it is fixed. */
async function startOfVertices(file: InputFile, header: PlyInputHeader, vertex: PlyElement): Promise<number> {
  const littleEndian = header.format === 'binary_little_endian';
  let start = header.end;
  for (const element of header.elements) {
    if (element === vertex) break;
    start = await endOfElement(file, element, start, littleEndian);
  }
  const stride = fixedStride(vertex.properties);
  if (stride !== null && start + vertex.count * stride > file.size) {
    const held = Math.max(0, Math.floor((file.size - start) / stride));
    throw badInput(file.path, `is cut off: its header promises ${vertex.count} vertices, it holds ${held}`);
  }
  return start;
}

/** Bytes of a record; null if lists make them differ. */
function fixedStride(properties: readonly PlyProperty[]): number | null {
  let stride = 0;
  for (const { type, listLength } of properties) {
    if (listLength !== null) return null;
    stride += NUMBER_BYTES[type];
  }
  return stride;
}

function readPoints(
  path: string,
  header: PlyInputHeader,
  vertex: PlyElement,
  places: PlyPointProperties,
  start: number,
  options: PointReadOptions,
): AsyncIterable<PointBatch> {
  if (header.format === 'ascii') return readAscii(path, header, vertex, places, options);
  const littleEndian = header.format === 'binary_little_endian';
  const stride = fixedStride(vertex.properties);
  if (stride === null) return readListedPoints(path, vertex, places, { start, littleEndian }, options);
  const field = (index: number): InputField => {
    const before = fixedStride(vertex.properties.slice(0, index))!;
    return { at: before, type: vertex.properties[index]!.type };
  };
  const { x, y, z, intensity, others } = places;
  const fields = {
    x: field(x),
    y: field(y),
    z: field(z),
    intensity: intensity === null ? null : field(intensity),
    attributes: others.map((index) => ({ ...field(index), type: storedType(vertex.properties[index]!) })),
  };
  return readRecords(path, { stride, littleEndian, ...fields }, { start, count: vertex.count }, options);
}

/** In the text form, an element is one line. Lists before the needed values are skipped. */
function readAscii(
  path: string,
  header: PlyInputHeader,
  vertex: PlyElement,
  { x, y, z, intensity, others }: PlyPointProperties,
  options: PointReadOptions,
): AsyncIterable<PointBatch> {
  const lists = new Set<number>();
  for (const [index, { listLength }] of vertex.properties.entries())
    if (listLength !== null) lists.add(index);
  const index = header.elements.indexOf(vertex);
  const skip = header.elements.slice(0, index).reduce((lines, { count }) => lines + count, 0);
  const place = { start: header.end, firstLine: header.lines + 1, skip, count: vertex.count };
  const width = lists.size === 0 ? vertex.properties.length : null;
  const last = index === header.elements.length - 1;
  const layout = {
    ...place,
    width,
    x,
    y,
    z,
    intensity,
    attributes: others,
    last,
    ...(lists.size === 0 ? {} : { lists }),
  };
  return readTextPoints(path, layout, options);
}
