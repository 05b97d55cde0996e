import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../../cache/index.ts';
import { ERROR_STATUS } from './problem.ts';

describe('docs/errors.md', () => {
  const rows = [
    ...readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8').matchAll(
      /^\| `(\w+)` \| (\d+) \|/gm,
    ),
  ];

  it('lists every code with its status, and no other', () => {
    expect(Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]))).toEqual(ERROR_STATUS);
    expect(rows.map(([, code]) => code)).toEqual([...ERROR_CODES]);
  });
});
