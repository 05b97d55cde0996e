import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadNetwork } from './load-network.ts';
import { SHIPPED_MODEL } from './model-files.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-model-'));
  await cp(SHIPPED_MODEL, folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function describeOtherwise(change: (description: Description) => void): Promise<void> {
  const file = path.join(folder, 'model.json');
  const description = JSON.parse(await readFile(file, 'utf8')) as Description;
  change(description);
  await writeFile(file, JSON.stringify(description));
}
type Inputs = Partial<Record<'globals' | 'convention', (string | number)[]>>;
type Description = { networks: Networks; convention?: { reference: object } };
type Networks = Record<'propose' | 'refine', { sha256: string; inputs: Inputs }>;

const load = () => loadNetwork({ modelFolder: folder, threads: 1 });

describe('loadNetwork', () => {
  it('refuses a network that takes other rows than this version makes, and says which', async () => {
    await describeOtherwise(({ networks }) => {
      networks.refine.inputs.globals = ['batch', 21];
    });
    await expect(load()).rejects.toThrow(/refine\.onnx takes 14 values a point and 21 a question/);
  });

  it.each([
    ['one network of two', ['propose'], ['batch', 9, 14], {}, /refine\.onnx takes this convention: none/],
    ['another shape', ['propose', 'refine'], ['batch', 9, 12], {}, /propose\.onnx .* 9 x 12; .* 9 x 14/],
    ['no reference', ['propose', 'refine'], ['batch', 9, 14], null, /9 x 14; .* it is none/],
  ] as const)('refuses a convention of %s', async (_name, names, shape, reference, message) => {
    await describeOtherwise((description) => {
      for (const name of ['propose', 'refine'] as const) delete description.networks[name].inputs.convention;
      for (const name of names) description.networks[name].inputs.convention = [...shape];
      delete description.convention;
      if (reference !== null) description.convention = { reference };
    });
    await expect(load()).rejects.toThrow(message);
  });

  it('refuses weights that the description was not written for', async () => {
    await describeOtherwise(({ networks }) => {
      networks.propose.sha256 = '0'.repeat(64);
    });
    await expect(load()).rejects.toThrow(/propose\.onnx is not the file that model\.json describes/);
  });
});
