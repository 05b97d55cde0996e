/** Reads the network's files and checks the weights against their description. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { packageFile } from '../../cache/package/index.ts';
import { profileSchema } from '../profiles/index.ts';

/** Name and version of a network, as answers report it. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
}

const shape = z.array(z.union([z.string(), z.int()]));
const weights = z.looseObject({
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  inputs: z.looseObject({ points: shape, globals: shape, convention: shape.optional() }),
});
const descriptionSchema = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1).max(64),
  networks: z.looseObject({ propose: weights, refine: weights }),
  /** Where both networks take the project's convention: what its profile is compared with. */
  convention: z.looseObject({ reference: profileSchema.shape.classes }).optional(),
});

/** The fields of `model.json` that are used. */
export type NetworkDescription = z.infer<typeof descriptionSchema>;

/** Folder of the shipped network. */
export const SHIPPED_MODEL = fileURLToPath(packageFile('inference/model/'));

/** @throws if `model.json` is missing or does not describe a network; the message names the file. */
export function readDescription(folder: string): NetworkDescription {
  const file = path.join(folder, 'model.json');
  try {
    return descriptionSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(
      `${file} does not describe a network: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
}

/** Name and version of the network in a folder. */
export function readModelIdentity(folder: string): ModelIdentity {
  const { name, version } = readDescription(folder);
  return { name, version };
}

/** The bytes of a weights file. @throws if their SHA-256 is not the one in `model.json` */
export function readWeights(folder: string, file: string, sha256: string): Uint8Array {
  const bytes = readFileSync(path.join(folder, file));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw new Error(
      `${path.join(folder, file)} is not the file that model.json describes: its sha256 is ${found}`,
    );
  return bytes;
}
