import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answersText, fuzzSchema, SCHEMATHESIS } from './schema-fuzz/index.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';

/** Routes that the fuzzer is to get beyond the checks of. */
const REACHED = [
  'POST /v1/predictions',
  'GET /v1/predictions',
  'POST /v1/predictions/batch',
  'POST /v1/crops',
  'POST /v1/prefetch',
  'GET /v1/clouds',
  'GET /v1/clouds/*',
  'GET /tiles/*',
  'GET /points/*',
  'POST /get_labeling_proposal',
  'GET /page/:name',
];

describe.runIf(existsSync(SCHEMATHESIS) || isRequired)('schemathesis', () => {
  it('finds no 500, and no answer that the OpenAPI document does not promise', {
    timeout: 1_500_000,
  }, async () => {
    const { exitCode, output, summary, answers } = await fuzzSchema({ examples: 8, seed: 1 });
    process.stdout.write(`${summary}\n${answersText(answers)}\n`);
    expect(exitCode, output).toBe(0);
    expect(Number(/(\d+) generated/.exec(summary)?.[1])).toBeGreaterThan(1000);
    const good = [...answers].filter(([, statuses]) => [...statuses.keys()].some((status) => status < 300));
    expect(good.map(([name]) => name)).toEqual(expect.arrayContaining(REACHED));
    for (const [name, statuses] of answers) expect([name, statuses.get(500)]).toEqual([name, undefined]);
  });
});
