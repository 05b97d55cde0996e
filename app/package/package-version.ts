/** Which release this is. */
import { readFileSync } from 'node:fs';

let version: string | undefined;

/** The version in package.json. */
export function packageVersion(): string {
  version ??= read();
  return version;
}

function read(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
