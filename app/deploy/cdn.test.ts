/** The rules of docs/cdn.md for CDNs that cannot run here keep what the shipped nginx.conf keeps. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const docs = read('../../docs/cdn.md');
/** What nginx keeps; the chain of compose.test.ts runs it. */
const KEPT = /location ~ (\S+) \{[^}]*proxy_cache tiles;/.exec(read('nginx.conf'))![1]!;
const section = (name: string) => docs.split('\n## ').find((part) => part.startsWith(name))!;

const NODES = ['/tiles/~v1/000000/nodes/0-0-0-0', '/tiles/~v1/sequence-1/000000/nodes/3-1-2-0'];
const OTHERS = [
  '/tiles/000000/ept.json',
  '/tiles/000000/nodes/0-0-0-0',
  '/tiles/~v1/000000/hierarchy/0-0-0-0',
  '/points/~v1/000000/nodes/0-0-0-0',
  '/v1/clouds/000000',
  '/metrics',
];

describe('docs/cdn.md', () => {
  it('names the rule that nginx follows, and it is one for nodes alone', () => {
    expect(section('Fastly').split('\n## ')[0]).toContain(KEPT);
    expect(docs).toContain(`\`${KEPT}\``);
    for (const path of NODES) expect(path).toMatch(new RegExp(KEPT));
    for (const path of OTHERS) expect(path).not.toMatch(new RegExp(KEPT));
  });

  it.each([
    ['Fastly', 2],
    ['Cloudflare', 2],
  ])('gives %s the same pattern, each time', (name, times) => {
    const patterns = [...section(name).matchAll(/(?:~|matches) "([^"]+)"/g)].map(([, pattern]) => pattern);
    expect(patterns).toEqual(Array.from({ length: times }, () => KEPT));
  });

  it('gives Cloudflare the rules of its table as a request', () => {
    const [, json] = /```json\n([\s\S]*?)```/.exec(section('Cloudflare'))!;
    const { rules } = JSON.parse(json!) as {
      rules: { description: string; expression: string; action_parameters: { cache: boolean } }[];
    };
    const rows = [...section('Cloudflare').matchAll(/^\| (nodes|the rest) \| `(.*)` \|/gm)];
    expect(rules.map(({ description, expression }) => [description, expression])).toEqual(
      rows.map(([, name, expression]) => [name, expression]),
    );
    expect(rules.map((rule) => rule.action_parameters.cache)).toEqual([true, false]);
  });

  it('gives CloudFront a path that fits the same', () => {
    const [, glob] = /PathPattern: (\S+)/.exec(section('CloudFront'))!;
    const pattern = new RegExp(`^${glob!.replaceAll('*', '.*')}$`);
    for (const path of NODES) expect(path).toMatch(pattern);
    for (const path of OTHERS) expect(path).not.toMatch(pattern);
  });
});
