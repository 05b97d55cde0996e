/** Writes PLY files of all three forms; a property may be a list. */
export type PlyForm = 'ascii' | 'binary_little_endian' | 'binary_big_endian';

export interface PlyColumn {
  readonly name: string;
  /** float, double, uchar, ushort or int. */
  readonly type: string;
  /** A list has several values for each record, and a uchar length. */
  readonly values: readonly (number | readonly number[])[];
}

export interface PlyTable {
  readonly name: string;
  readonly columns: readonly PlyColumn[];
}

export function plyBytes(tables: readonly PlyTable[], form: PlyForm): Uint8Array {
  const lines = tables.flatMap(({ name, columns }) => [
    `element ${name} ${columns[0]!.values.length}`,
    ...columns.map((column) =>
      Array.isArray(column.values[0])
        ? `property list uchar ${column.type} ${column.name}`
        : `property ${column.type} ${column.name}`,
    ),
  ]);
  const header = ['ply', `format ${form} 1.0`, 'comment made by a test', ...lines, 'end_header', ''].join(
    '\n',
  );
  const body = tables.map((table) => tableBytes(table, form));
  return Buffer.concat([Buffer.from(header), ...body]);
}

function tableBytes({ columns }: PlyTable, form: PlyForm): Buffer {
  const records = columns[0]!.values.map((_, index) =>
    columns.map((column) => [column.type, column.values[index]!] as const),
  );
  if (form === 'ascii') {
    const text = (value: number | readonly number[]) =>
      (typeof value === 'number' ? [value] : [value.length, ...value]).join(' ');
    return Buffer.from(
      records.map((record) => `${record.map(([, value]) => text(value)).join(' ')}\n`).join(''),
    );
  }
  const little = form === 'binary_little_endian';
  const bytes = (type: string, value: number | readonly number[]) =>
    typeof value === 'number'
      ? [number(type, value, little)]
      : [number('uchar', value.length, little), ...value.map((item) => number(type, item, little))];
  return Buffer.concat(records.flatMap((record) => record.flatMap(([type, value]) => bytes(type, value))));
}

const BYTES: Readonly<Record<string, number>> = { uchar: 1, ushort: 2, int: 4, float: 4, double: 8 };

function number(type: string, value: number, little: boolean): Buffer {
  const bytes = Buffer.alloc(BYTES[type]!);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (type === 'uchar') view.setUint8(0, value);
  else if (type === 'ushort') view.setUint16(0, value, little);
  else if (type === 'int') view.setInt32(0, value, little);
  else if (type === 'float') view.setFloat32(0, value, little);
  else view.setFloat64(0, value, little);
  return bytes;
}
