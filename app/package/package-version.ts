/** Which release this is. */
import { readFileSync } from 'node:fs';
import { packageFile } from '../../cache/package/index.ts';

let version: string | undefined;

/** The version in package.json. */
export function packageVersion(): string {
  version ??= read();
  return version;
}

function read(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
