/**
 * Arrays of numpy: N x 3 or more numbers (x, y, z, intensity, others), or N structures with fields x, y, z.
 */
import { intensityKind } from '../../points/index.ts';
import { columnsInput, type PointTable } from '../columns/index.ts';
import { intensityName, knownDimensions, storedType } from '../dimensions/index.ts';
import { InputFile } from '../input-file.ts';
import { badInput, type PointInput } from '../point-input.ts';
import { type InputField, readRecords } from '../records/index.ts';
import { type NpyField, type NpyHeader, readNpyHeader } from './npy-header.ts';

export function openNpy(path: string): Promise<PointInput> {
  return InputFile.use(path, async (file) => {
    const header = await readNpyHeader(file);
    const count = pointsOf(header, path);
    const columns = columnsOf(header);
    const bytes = header.shape.reduce((product, length) => product * length, header.stride);
    if (header.start + bytes > file.size)
      throw badInput(
        path,
        `is cut off: its header promises ${bytes} bytes, ${file.size - header.start} follow`,
      );
    const warnings =
      header.start + bytes < file.size ? [`${file.size - header.start - bytes} bytes follow its points`] : [];
    if (header.isFortran && header.shape.length === 2)
      return { ...(await columnsInput(path, () => loadColumns(path, header, columns))), warnings };
    const find = (name: string) => columns.find((field) => field.name?.toLowerCase() === name);
    const [x, y, z] = ['x', 'y', 'z'].map(find);
    if (!isNumber(x) || !isNumber(y) || !isNumber(z))
      throw x && y && z
        ? unreadType(path, header.unknownTypes)
        : badInput(
            path,
            `has no numbers x, y and z; its fields: ${columns.map(({ name }) => name).join(', ')}`,
          );
    const found = intensityName(
      columns.flatMap(({ name, type }) => (type === null || name === null ? [] : [name])),
    );
    const intensity = columns.find(({ name }) => name !== null && name === found);
    const used = new Set([x, y, z, intensity]);
    const others = columns.filter(isNamed).filter((field) => !used.has(field));
    const layout = {
      stride: header.shape.length === 2 ? header.stride * header.shape[1]! : header.stride,
      littleEndian: header.littleEndian,
      x,
      y,
      z,
      intensity: isNumber(intensity) ? intensity : null,
      attributes: others.map((field) => ({ ...field, type: storedType(field) })),
    };
    return knownDimensions({
      path,
      count,
      intensity: layout.intensity === null ? null : intensityKind(layout.intensity.type),
      attributes: layout.attributes,
      unread: columns.flatMap(({ name, type }) => (type === null && name !== null ? [name] : [])),
      warnings,
      batches: (options = {}) => readRecords(path, layout, { start: header.start, count }, options),
    });
  });
}

function isNumber(field: NpyField | undefined): field is NpyField & InputField {
  return field !== undefined && field.type !== null;
}

function isNamed(field: NpyField): field is NpyField & InputField & { readonly name: string } {
  return isNumber(field) && field.name !== null && field.name !== '';
}

function unreadType(path: string, types: readonly string[]): Error {
  return badInput(
    path,
    `its numbers are of the type ${types.join(', ')}, which is not read: save it with astype('float32')`,
  );
}

/** So few rows of so many numbers are not points, but their coordinates: the axes are swapped. */
const MOST_COLUMNS = 16;
const FEWEST_POINTS = 65;

function pointsOf({ shape, fields }: NpyHeader, path: string): number {
  const [count, columns] = shape as [number, number];
  const isPlain = fields.length === 1 && fields[0]!.name === null;
  const isSwapped = count >= 3 && count <= MOST_COLUMNS && columns >= FEWEST_POINTS;
  if (isPlain ? shape.length === 2 && columns >= 3 && !isSwapped : shape.length === 1) return count;
  const found = `an array of ${shape.join(' x ') || 'one value'}`;
  const last = shape.at(-1)!;
  const hint =
    isPlain && shape.length === 2 && count >= 3 && count <= MOST_COLUMNS
      ? ': transpose it'
      : isPlain && shape.length > 2 && last >= 3 && last <= MOST_COLUMNS
        ? `: save it with reshape(-1, ${last})`
        : !isPlain && shape.length > 1
          ? ': save it with reshape(-1)'
          : '';
  throw badInput(path, `is ${found}, not of N x 3 or more numbers or N structures${hint}`);
}

/** The columns of a point. Columns of a plain array have no names; they are in the usual order. */
function columnsOf({ fields, shape, stride }: NpyHeader): NpyField[] {
  if (shape.length === 1) return [...fields];
  const { type } = fields[0]!;
  return Array.from({ length: shape[1]! }, (_, index) => ({
    name: ['x', 'y', 'z', 'intensity'][index] ?? `column ${index}`,
    type,
    at: index * stride,
  }));
}

/** A plain array in Fortran order: column after column. */
async function loadColumns(
  path: string,
  { start, shape, stride, littleEndian, unknownTypes }: NpyHeader,
  columns: NpyField[],
): Promise<PointTable> {
  const rows = shape[0]!;
  return InputFile.use(path, async (file) => {
    const table = new Map();
    for (const [index, { name, type }] of columns.entries()) {
      if (type === null) throw unreadType(path, unknownTypes);
      const values = new Float64Array(rows);
      const layout = {
        stride,
        littleEndian,
        x: { at: 0, type },
        y: { at: 0, type },
        z: { at: 0, type },
        intensity: null,
      };
      let done = 0;
      for await (const batch of readRecords(file.path, layout, {
        start: start + index * rows * stride,
        count: rows,
      })) {
        values.set(batch.x.subarray(0, batch.count), done);
        done += batch.count;
      }
      table.set(name, { type, values });
    }
    return table;
  });
}
