/**
 * Fuzzes the real server by its own OpenAPI document; fails if an answer is a 500 or is not documented.
 *
 *     npx tsx bench/robustness/schema-fuzz.ts [EXAMPLES] [SEED]
 *
 * Needs what `.ci/install-components` installs.
 */
import { answersText, fuzzSchema } from './schema-fuzz/index.ts';

const [examples = '400', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const { exitCode, answers } = await fuzzSchema({
  examples: Number(examples),
  seed: Number(seed),
  onOutput: (text) => process.stdout.write(text),
});
console.log(answersText(answers));
process.exitCode = exitCode ?? 1;
