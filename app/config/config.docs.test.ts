import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentName, SERVE_OPTIONS } from './config.ts';

describe('docs/configuration.md', () => {
  it('has every option with its flag, environment twin, default and meaning, and no other', () => {
    const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `--'));
    const expected = Object.values(SERVE_OPTIONS).map((spec) => {
      const shown = spec.default === undefined ? '' : `\`${spec.default}\``;
      return `| \`--${spec.flag} ${spec.value}\` | \`${environmentName(spec.flag)}\` | ${shown} | ${spec.description} |`;
    });
    expect(rows).toEqual(expected);
  });
});
