/** Tables that several versions of pandas pickled (fixtures/make.py), and tables that we pickle. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gunzip, gzip, isGzip, readPandasPickle, writePandasPickle } from './index.ts';

const MOST = 2 ** 20;

async function table(name: string) {
  const bytes = new Uint8Array(readFileSync(new URL(`fixtures/${name}.pkl.gz`, import.meta.url)));
  const { rows, columns } = readPandasPickle(await gunzip(bytes, MOST));
  const plain = [...columns].map(([column, values]) => [
    column,
    Array.from(values as readonly unknown[], (value) => (typeof value === 'bigint' ? Number(value) : value)),
  ]);
  return { rows, columns: Object.fromEntries(plain) as Record<string, unknown[]> };
}

describe.each(['0.25', '1.2', '2.2', '3.1'])('a table of pandas %s', (version) => {
  it('has numbers in columns of their types', async () => {
    expect(await table(`points-${version}`)).toEqual({
      rows: 4,
      columns: {
        x: [1.5, -2.25, 3.125, 4],
        y: [0.5, 0.25, -0.125, 8],
        z: [-1, -1.5, 0, 2],
        i: [0, 7, 255, 12],
        t: [1557540000, 1557540000.025, 1557540000.05, 1557540000.075],
        d: [0, 1, 0, 1],
      },
    });
    expect((await table(`rows-${version}`)).columns).toMatchObject({
      x: [1.5, 3.125],
      y: [0.5, -0.125],
      d: [0, 0],
    });
  });

  it('has words, truth values and gaps', async () => {
    const { columns } = await table(`cuboids-${version}`);
    expect(columns).toMatchObject({
      uuid: ['a-1', 'b-2'],
      label: ['Car', 'Pedestrian with Object'],
      yaw: [0.25, -1.5],
      stationary: [true, false],
      camera_used: [0, -1],
      'position.x': [1, 2],
      'dimensions.x': [1.875, 0.75],
    });
    expect(columns['attributes.object_motion']![0]).toBe('Parked');
    expect(columns['attributes.object_motion']![1] ?? Number.NaN).toBeNaN();
  });
});

describe('a table that we write', () => {
  const columns = new Map<string, (string | number | boolean | null)[]>([
    ['word', ['a', 'ö€']],
    ['fraction', [1, 2.5]],
    ['whole', [1, -70_000]],
    ['truth', [true, false]],
    ['gap', [null, 'x']],
  ]);

  it('comes back', () => {
    expect(readPandasPickle(writePandasPickle(columns))).toEqual({ rows: 2, columns });
  });

  const python = new URL('../../.cache/components/python/bin/python', import.meta.url).pathname;
  const hasPandas =
    existsSync(python) && spawnSync(python, ['-c', 'import pandas'], { stdio: 'ignore' }).status === 0;
  it.skipIf(!hasPandas)('is opened by pandas', () => {
    const program =
      'import pickle,sys; d = pickle.load(sys.stdin.buffer); print(type(d).__module__, d.to_json(), *map(str, d.dtypes[1:4]))';
    const { stdout } = spawnSync(python, ['-c', program], { input: writePandasPickle(columns) });
    expect(stdout.toString()).toMatch(
      /^pandas\S* \{"word":\{"0":"a","1":"\\u00f6\\u20ac"\},"fraction":\{"0":1.0,"1":2.5\},"whole":\{"0":1,"1":-70000\},"truth":\{"0":true,"1":false\},"gap":\{"0":null,"1":"x"\}\} float64 int64 bool\n$/,
    );
  });
});

describe('refuses', () => {
  const pickle = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

  it.each<[string, Uint8Array, RegExp]>([
    ['code', pickle('cos\nsystem\n(S"echo"\ntR.'), /os\.system, which is not a table/],
    ['attributes of a table', pickle('cpandas\neval\n(S"1"\ntR.'), /pandas\.eval, which is not a table/],
    ['something else', pickle('\x80\x02]q\x00.'), /not of a pandas table/],
    ['no pickle', pickle('hello'), /not a readable pickle/],
    ['nothing', new Uint8Array(0), /not a readable pickle/],
  ])('%s', (_, bytes, message) => {
    expect(() => readPandasPickle(bytes)).toThrow(message);
  });

  it('a pickle that is cut off, at every byte', async () => {
    const packed = new Uint8Array(readFileSync(new URL('fixtures/cuboids-2.2.pkl.gz', import.meta.url)));
    const whole = await gunzip(packed, MOST);
    for (let length = 0; length < whole.length; length++)
      expect(() => readPandasPickle(whole.slice(0, length))).toThrow();
  });

  it('gzip that is damaged, or unpacks to too much', async () => {
    const packed = await gzip(new Uint8Array(100_000));
    expect(isGzip(packed)).toBe(true);
    expect(await gunzip(packed, 100_000)).toEqual(new Uint8Array(100_000));
    await expect(gunzip(packed, 99_999)).rejects.toThrow(/more than 99999/);
    await expect(gunzip(packed.slice(0, 40), MOST)).rejects.toThrow(/damaged or cut off/);
  });
});
