/**
 * `npm run bench -- NAME [ARGUMENTS]` runs the script NAME.ts in a folder of `bench/`; without a name
 * `experiment`.
 */
import { readdirSync } from 'node:fs';

const first = process.argv[2];
const isNamed = first !== undefined && /^[a-z-]+$/.test(first) && !first.startsWith('-');
const name = isNamed ? first : 'experiment';
if (isNamed) process.argv.splice(2, 1);
const here = new URL('./', import.meta.url);
const folder = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .find((entry) => readdirSync(new URL(`${entry.name}/`, here)).includes(`${name}.ts`));
if (folder !== undefined) await import(new URL(`${folder.name}/${name}.ts`, here).href);
else {
  process.stderr.write(`there is no script ${JSON.stringify(name)}; bench/README.md lists them\n`);
  process.exitCode = 2;
}
