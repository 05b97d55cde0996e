/** `npm run bench -- NAME [ARGUMENTS]` runs `bench/NAME.ts`; without a name `bench/run.ts`. */
import { existsSync } from 'node:fs';

const first = process.argv[2];
const isNamed = first !== undefined && /^[a-z-]+$/.test(first) && !first.startsWith('-');
const name = isNamed ? first : 'run';
if (isNamed) process.argv.splice(2, 1);
const script = new URL(`./${name}.ts`, import.meta.url);
if (existsSync(script)) await import(script.href);
else {
  process.stderr.write(`there is no script ${JSON.stringify(name)}; bench/README.md lists them\n`);
  process.exitCode = 2;
}
