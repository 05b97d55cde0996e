import { describe, expect, it } from 'vitest';
import { readAll, useScratch } from '../../testing/index.ts';
import { openInput } from '../open.ts';

const scratch = useScratch();
const open = async (text: string, name = 'a.xyz') => openInput(await scratch.write(name, text));
const ONE = { x: 1.5, y: -2, z: 3e-1, intensity: 0 };

describe('points as text', () => {
  it.each<[string, string]>([
    ['spaces', '1.5 -2 3e-1\n'],
    ['tabs and CR LF', '1.5\t-2\t0.3\r\n'],
    ['commas', '1.5,-2,.3'],
    ['commas and spaces', ' 1.5, -2, 0.3 \n'],
    ['semicolons', '1.5;-2;0.3\n'],
    ['vertical bars', '1.5|-2|0.3\n'],
    [
      'vertical bars and spaces, also between names and at the end',
      'Z (m) | X (m) | Y (m) |\n0.3 | 1.5 | -2 |\n',
    ],
    ['comments and empty lines', '# made by X\n\n// and Y\n1.5 -2 0.3\n# end\n'],
    ['a count in front (PTS)', '1\n1.5 -2 0.3\n'],
    ['a byte order mark', '\uFEFF1.5 -2 0.3\n'],
    ['names', 'x,y,z\n1.5,-2,0.3\n'],
    ['names in another order', '"Z[m]";"X[m]";"Y[m]"\n0.3;1.5;-2\n'],
    ['names in a comment (CloudCompare)', '//X Y Z\n1.5 -2 0.3\n'],
    ['colours', '1.5 -2 0.3 255 128 0\n'],
    ['a comma at the end', '1.5,-2,0.3,\n'],
    ['a semicolon at the end, also of the names', 'x; y; z;\n1.5; -2; 0.3; \n'],
    ['a comment that has x , y , z in its midst', '# x y z in metres\n1.5 -2 0.3\n'],
  ])('with %s', async (_, text) => {
    expect(await readAll(await open(text))).toEqual([ONE]);
  });

  it.each<[string, string]>([
    ['in the fourth place of four', '1.5 -2 0.3 7.5\n'],
    ['in the fourth place of five', '1.5 -2 0.3 7.5 31\n'],
    ['in the fourth place of seven', '1.5 -2 0.3 7.5 255 255 255\n'],
    ['by its name', '//X Y Z R G B Scalar_Intensity\n1.5 -2 0.3 1 2 3 7.5\n'],
  ])('with an intensity %s', async (_, text) => {
    const input = await open(text, 'a.txt');
    expect(input.intensity).toBe('float64');
    expect(await readAll(input)).toEqual([{ ...ONE, intensity: 7.5 }]);
  });

  it('of many lines, guessing their number', async () => {
    const lines = Array.from({ length: 70_000 }, (_, i) => `${i % 100} ${i % 7} 0.25`);
    const input = await open(`${lines.join('\n')}\n`);
    expect(Math.abs(input.count - 70_000)).toBeLessThan(5_000);
    const points = await readAll(input);
    expect(points).toHaveLength(70_000);
    expect(points[69_999]).toEqual({ x: 99, y: 6, z: 0.25, intensity: 0 });
  });

  it('takes bytes in the last three columns for colours, and says that a line has another number of them', async () => {
    const input = await open('1 2 3 255 128 0\n1 2 3 1 2 3 4\n');
    expect(input.unread).toEqual([]);
    expect(input.attributes.map(({ name }) => name)).toEqual(['Red', 'Green', 'Blue']);
    const warnings: string[] = [];
    for await (const { count } of input.batches({ warn: (what) => warnings.push(what) }))
      expect(count).toBe(2);
    expect(warnings).toEqual(['line 2: has 7 values, the first point has 6']);
  });

  it.each<[string, string, string[]]>([
    ['normals', '1 2 3 0.5 0 -1\n1 2 3 1 0 0\n', ['column 4', 'column 5', 'column 6']],
    ['an intensity and colours', '1 2 3 7 255 0 0\n1 2 3 9 0 10 20\n', ['Red', 'Green', 'Blue']],
    ['colours from 0 to 1', 'x y z r g b\n1 2 3 1 0.5 0\n1 2 3 0 0 1\n', ['Red', 'Green', 'Blue']],
    [
      'a class and a time',
      'X,Y,Z,Classification,GpsTime\n1,2,3,2,0.5\n1,2,3,6,1.5\n',
      ['Classification', 'GpsTime'],
    ],
    ['a label that is no class', 'x,y,z,label\n1,2,3,70000\n1,2,3,1\n', ['label']],
  ])('with %s', async (_, text, names) => {
    const input = await open(text, 'a.csv');
    expect(input.attributes.map(({ name }) => name)).toEqual(names);
    expect(await readAll(input)).toHaveLength(2);
  });

  it.each<[string, string]>([
    ['ParaView', '"Points:0","Points:1","Points:2","intensity"\n1.5,-2,0.3,0\n'],
    ['a survey', 'id;Easting;Northing;Elevation\n7;1.5;-2;0.3\n'],
    ['units', 'time,x [m],y [m],z [m]\n5,1.5,-2,0.3\n'.replaceAll(' [', '[')],
    ['Livox Viewer', 'Slot ID,Data Type,X,Y,Z,Ori_x\n1,2,1.5,-2,0.3,9\n'],
    ['Ouster', 'TIMESTAMP (ns), RANGE (mm), X (m), Y (m), Z (m)\n8, 9, 1.5, -2, 0.3\n'],
    ['tabs between names of two words', 'Scan angle\tX\tY\tZ\n5\t1.5\t-2\t0.3\n'],
    ['VeloView', '"Points_m_XYZ:0","Points_m_XYZ:1","Points_m_XYZ:2"\n1.5,-2,0.3\n'],
    ['units in the name', 't,x_m,y_m,z_m\n5,1.5,-2,0.3\n'],
  ])('with the names of %s', async (_, text) => {
    expect(await readAll(await open(text, 'a.csv'))).toEqual([ONE]);
  });

  it('that the first line counts: fewer are refused, more are read and said', async () => {
    const file = await open('3\n1 2 3\n4 5 6\n', 'a.pts');
    await expect(readAll(file)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/a\.pts: is cut off after line 3: 2 of 3 points are there/),
    });
    const warnings: string[] = [];
    const more = await open('# by X\n1\n1 2 3\n4 5 6\n', 'b.pts');
    for await (const { count } of more.batches({ warn: (what) => warnings.push(what) }))
      expect(count).toBe(2);
    expect(warnings).toEqual(['its first line promises 1 points, 2 follow: all are read']);
  });

  it('of UTF-16 is refused', async () => {
    const file = await scratch.write('wide.csv', Buffer.from('\uFEFFx,y,z\n1,2,3\n', 'utf16le'));
    await expect(openInput(file)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/wide\.csv: is UTF-16 text: save it as UTF-8/),
    });
  });

  it.each<[string, string, RegExp]>([
    [
      'names without x, y and z',
      'time,range,azimuth\n1,2,3\n4,5,6\n',
      /columns are named time, range, azimuth: name those/,
    ],
    [
      'names for another number of columns',
      'x,y,z,i\n1,2,3\n',
      /line 2: has 3 values for 4 names .*: x,y,z,i/,
    ],
    ['words', '1 2 3\n1 two 3\n', /line 2: "two" is not a number/],
    ['too few numbers', '1 2 3\n1 2\n', /line 2: has 2 values instead of 3/],
    ['no numbers', 'hello\nworld\n', /no line of three numbers/],
    ['nothing', '', /no line of three numbers/],
    ['decimal commas', '1,5;2,5;3,5\n', /line 1: has decimal commas/],
    ['decimal commas between vertical bars', '1,5|2,5|3,5\n', /line 1: has decimal commas/],
    ['decimal commas between blanks', 'x y z\n1,5 -2,5 3,5\n', /line 2: has decimal commas/],
  ])('with %s: refused', async (_, text, message) => {
    await expect(open(text).then(readAll)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message),
    });
  });
});
