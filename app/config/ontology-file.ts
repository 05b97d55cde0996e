/** The file of `--ontology`. */
import { readFile } from 'node:fs/promises';
import { type Ontology, readOntology } from '../ontology/file/index.ts';
import { ConfigError, type ServeConfig } from './config.ts';

const MAX_BYTES = 2 ** 20;

/**
 * undefined if no file is named.
 * @throws ConfigError that says what is wrong with the file, and where in it
 */
export async function openOntology({
  ontology: file,
}: Pick<ServeConfig, 'ontology'>): Promise<Ontology | undefined> {
  if (file === undefined) return undefined;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new ConfigError([`--ontology: ${(error as Error).message}`]);
  }
  if (bytes.length > MAX_BYTES)
    throw new ConfigError([`--ontology: ${file} has ${bytes.length} bytes, at most ${MAX_BYTES} are read`]);
  const read = readOntology(new TextDecoder().decode(bytes));
  if ('ontology' in read) return read.ontology;
  throw new ConfigError(
    read.problems.map(
      ({ path, message }) => `--ontology: ${file}: ${path === '' ? '' : `${path}: `}${message}`,
    ),
  );
}
