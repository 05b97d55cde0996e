/** The names of columns in the first line of a text file. */

/** Usual names of the axes; the first set of which all are there is used. */
const AXES: readonly (readonly [string, string, string])[] = [
  ['x', 'y', 'z'],
  ['px', 'py', 'pz'],
  ['pos_x', 'pos_y', 'pos_z'],
  ['x_m', 'y_m', 'z_m'],
  ['points:0', 'points:1', 'points:2'],
  ['points_0', 'points_1', 'points_2'],
  // VeloView.
  ['points_m_xyz:0', 'points_m_xyz:1', 'points_m_xyz:2'],
  ['easting', 'northing', 'elevation'],
  ['easting', 'northing', 'height'],
  ['easting', 'northing', 'altitude'],
];
/** Names may contain spaces where another separator stands between them: `Slot ID,X (m)`. */
const SEPARATORS: readonly RegExp[] = [/;/, /\|/, /,/, /\t/, /[,\s]+/];

/** The columns of x, y and z; null if the names do not say them. */
export function axesIn(names: readonly string[]): [number, number, number] | null {
  const axes = AXES.find((set) => set.every((name) => names.includes(name)));
  return axes === undefined ? null : [names.indexOf(axes[0]), names.indexOf(axes[1]), names.indexOf(axes[2])];
}

/** The names in a line with those of x, y and z, by each separator that it can have; none in other lines. */
export function columnNames(line: string): string[][] {
  const trimmed = line.trim().replace(/\s*[;,|]$/, '');
  return SEPARATORS.filter((separator) => separator.test(trimmed))
    .map((separator) => trimmed.split(separator).map(nameOf))
    .filter((names) => axesIn(names) !== null);
}

/** Normalises a name: lower case, without quotes and unit; `"X[m]"` becomes `x`. */
function nameOf(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/["']/g, '')
    .replace(/[[(].*$/, '')
    .trim();
}
