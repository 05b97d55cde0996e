import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);

describe('docs/security.md', () => {
  const text = readFileSync(new URL('docs/security.md', root), 'utf8');
  const rows = [...text.matchAll(/\| `((?:app|bench|cache|octree)\/[\w./-]+\.test\.ts)`: (.+) \|$/gm)];

  it('names a test for each attack', () => {
    const attacks = text.slice(text.indexOf('| attack |')).split('\n').slice(2).filter(Boolean);
    expect(attacks.length).toBeGreaterThan(20);
    expect(rows).toHaveLength(attacks.length);
  });

  it.each(rows.map(([, file, title]) => [file!, title!]))('%s has: %s', (file, title) => {
    expect(readFileSync(new URL(file, root), 'utf8')).toContain(title);
  });
});
