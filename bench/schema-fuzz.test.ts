import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fuzzSchema, SCHEMATHESIS } from './schema-fuzz/run-schemathesis.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';

describe.runIf(existsSync(SCHEMATHESIS) || isRequired)('schemathesis', () => {
  it('finds no 500, and no answer that the OpenAPI document does not promise', {
    timeout: 900_000,
  }, async () => {
    const { exitCode, output, summary } = await fuzzSchema({ examples: 8, seed: 1 });
    process.stdout.write(`${summary}\n`);
    expect(exitCode, output).toBe(0);
    expect(Number(/(\d+) generated/.exec(summary)?.[1])).toBeGreaterThan(1000);
  });
});
