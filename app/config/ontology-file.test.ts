/** `--ontology`: a good file, and what is said of a bad one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOntology } from './ontology-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-ontology-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(text: string) {
  const file = path.join(folder, 'ontology.json');
  await writeFile(file, text);
  return openOntology({ ontology: file });
}

it('reads the file; without the option there is none', async () => {
  expect(await open('{"version":1,"classes":[{"name":"tram","like":"bus"}]}')).toEqual({
    version: 1,
    classes: [{ name: 'tram', like: 'bus' }],
  });
  expect(await openOntology({ ontology: undefined })).toBeUndefined();
});

it('refuses a file that is not there, and names each mistake in one that is', async () => {
  await expect(openOntology({ ontology: path.join(folder, 'none.json') })).rejects.toThrow(
    /--ontology: ENOENT/,
  );
  await expect(open('{"version":1,"classes":[{"name":"a","key":"x"},{"size":[1]}]}')).rejects.toThrow(
    /ontology\.json: classes\[0\]\.key: must be 1 to 9.*\n?.*ontology\.json: classes\[1\]\.name/s,
  );
});
