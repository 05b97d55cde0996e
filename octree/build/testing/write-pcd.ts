/** Writes PCD files in all three forms, with fields in any order and of any type. */
import { lzfCompress } from './lzf-compress.ts';

export interface PcdColumn {
  readonly name: string;
  /** As in the header: F4, F8, I1 .. U8. */
  readonly type: string;
  readonly count?: number;
  /** One value for each point, or `count` of them. */
  readonly values: readonly number[];
}

export type PcdForm = 'ascii' | 'binary' | 'binary_compressed';

export function pcdHeader(columns: readonly PcdColumn[], points: number, form: string): string {
  const list = (value: (column: PcdColumn) => string | number) => columns.map(value).join(' ');
  return [
    '# .PCD v0.7 - Point Cloud Data file format',
    'VERSION 0.7',
    `FIELDS ${list(({ name }) => name)}`,
    `SIZE ${list(({ type }) => type.slice(1))}`,
    `TYPE ${list(({ type }) => type.slice(0, 1))}`,
    `COUNT ${list(({ count }) => count ?? 1)}`,
    `WIDTH ${points}`,
    'HEIGHT 1',
    'VIEWPOINT 0 0 0 1 0 0 0',
    `POINTS ${points}`,
    `DATA ${form}`,
    '',
  ].join('\n');
}

export function pcdBytes(columns: readonly PcdColumn[], points: number, form: PcdForm): Uint8Array {
  const header = Buffer.from(pcdHeader(columns, points, form));
  switch (form) {
    case 'ascii':
      return Buffer.concat([header, Buffer.from(asciiLines(columns, points))]);
    case 'binary':
      return Buffer.concat([header, binaryRecords(columns, points)]);
    case 'binary_compressed': {
      const planes = Buffer.concat(
        columns.map((column) => Buffer.concat(column.values.map((v) => number(column.type, v)))),
      );
      const compressed = lzfCompress(planes);
      const sizes = Buffer.alloc(8);
      sizes.writeUInt32LE(compressed.length, 0);
      sizes.writeUInt32LE(planes.length, 4);
      return Buffer.concat([header, sizes, compressed]);
    }
  }
}

function valuesOf({ values, count = 1 }: PcdColumn, point: number): readonly number[] {
  return values.slice(point * count, (point + 1) * count);
}

function asciiLines(columns: readonly PcdColumn[], points: number): string {
  const line = (point: number) =>
    columns.flatMap((column) => valuesOf(column, point).map(asciiNumber)).join(' ');
  return Array.from({ length: points }, (_, point) => `${line(point)}\n`).join('');
}

function asciiNumber(value: number): string {
  return Number.isNaN(value) ? 'nan' : String(value);
}

function binaryRecords(columns: readonly PcdColumn[], points: number): Buffer {
  const record = (point: number) =>
    columns.flatMap((column) => valuesOf(column, point).map((value) => number(column.type, value)));
  return Buffer.concat(Array.from({ length: points }, (_, point) => record(point)).flat());
}

function number(type: string, value: number): Buffer {
  const bytes = Buffer.alloc(Number(type.slice(1)));
  switch (type) {
    case 'F4':
      bytes.writeFloatLE(value);
      break;
    case 'F8':
      bytes.writeDoubleLE(value);
      break;
    case 'I8':
      bytes.writeBigInt64LE(BigInt(value));
      break;
    case 'U8':
      bytes.writeBigUInt64LE(BigInt(value));
      break;
    default:
      if (type.startsWith('I')) bytes.writeIntLE(value, 0, bytes.length);
      else bytes.writeUIntLE(value, 0, bytes.length);
  }
  return bytes;
}
