/** The network's files: weights and their description, checked against each other before anything is served. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Name and version of a network, as answers report it. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
}

const weights = z.looseObject({
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const descriptionSchema = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  networks: z.looseObject({ propose: weights, refine: weights }),
});

/** What is read of `model.json`. */
export type NetworkDescription = z.infer<typeof descriptionSchema>;

const FOLDER = new URL('./model/', import.meta.url);

/** @throws if `model.json` is missing or does not describe a network. */
export function readDescription(): NetworkDescription {
  return descriptionSchema.parse(JSON.parse(readFileSync(new URL('model.json', FOLDER), 'utf8')));
}

/** What the shipped network is called. */
export function readModelIdentity(): ModelIdentity {
  const { name, version } = readDescription();
  return { name, version };
}

/** The bytes of one of the network's files. @throws if they are not those that `model.json` was written for. */
export function readWeights(file: string, sha256: string): Uint8Array {
  const bytes = readFileSync(new URL(file, FOLDER));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw new Error(
      `inference/model/${file} is not the file that model.json describes: its sha256 is ${found}`,
    );
  return bytes;
}
