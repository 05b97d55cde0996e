/** Networks for tests: the shipped one with a few other weights, under another version. */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SHIPPED_MODEL } from '../../../inference/index.ts';

/** Some weights that become zero. */
const ZEROED_BYTES = 4096;

/**
 * Writes the shipped network to `folder` as `version`. Its answers differ a little from the shipped one's.
 */
export async function copyModel(folder: string, version: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(path.join(SHIPPED_MODEL, 'propose.onnx'), path.join(folder, 'propose.onnx'));
  const weights = await readFile(path.join(SHIPPED_MODEL, 'refine.onnx'));
  // A third into the file are weights, and nothing else near.
  const from = Math.floor(weights.length / 3);
  weights.fill(0, from, from + ZEROED_BYTES);
  await writeFile(path.join(folder, 'refine.onnx'), weights);
  const description = JSON.parse(await readFile(path.join(SHIPPED_MODEL, 'model.json'), 'utf8'));
  description.version = version;
  description.networks.refine.sha256 = createHash('sha256').update(weights).digest('hex');
  await writeFile(path.join(folder, 'model.json'), JSON.stringify(description));
}
