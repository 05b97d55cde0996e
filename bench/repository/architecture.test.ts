/**
 * docs/architecture.md against the code: its arrows are the imports between the top-level folders, its lists
 * are the rooms.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TOP = ['app', 'bench', 'cache', 'inference', 'octree'];
const IMPORT = /^(?:import|export)\s[^;'"]*?from\s+'(\.[^']+)'/gms;

const text = readFileSync(path.join(ROOT, 'docs/architecture.md'), 'utf8');
const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...TOP], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|\/testing\//.test(file))
  .filter((file) => existsSync(path.join(ROOT, file)));

const IMPORTED = /^(?:import|export)\s(?<what>[^;'"]*?)from\s+'(?<from>\.[^']+)'/gms;
const roomOf = (file: string) => file.split('/').slice(0, 2).join('/');

/** What a file imports: the names, and the file that they come from. */
function importsOf(file: string): { names: string[]; target: string }[] {
  return [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(IMPORTED)].map(({ groups }) => ({
    names: [...groups!.what!.matchAll(/(\w+)(?: as \w+)?\s*(?=[,}])/g)].map(([, name]) => name!),
    target: path.posix.join(path.posix.dirname(file), groups!.from!),
  }));
}

/** Whether a source of one room imports another room, by its own door or by that of its top-level folder. */
function areLinked(from: string, to: string): boolean {
  const top = `${to.split('/')[0]}/index.ts`;
  const behindTop = existsSync(path.join(ROOT, top))
    ? importsOf(top)
        .filter(({ target }) => roomOf(target) === to)
        .flatMap(({ names }) => names)
    : [];
  return files
    .filter((file) => roomOf(file) === from)
    .flatMap(importsOf)
    .some(
      ({ names, target }) =>
        roomOf(target) === to || (target === top && names.some((name) => behindTop.includes(name))),
    );
}

describe('docs/architecture.md', () => {
  it('draws the way of a click: solid arrows are imports, dotted ones are none', () => {
    const way = text.slice(text.indexOf('## The way of one click'));
    const arrows = [...way.matchAll(/^ {2}([a-z-]+\/[a-z-]+) (--|-\.) "[^"]+" \.?-+> ([a-z-]+\/[a-z-]+)$/gm)];
    expect(arrows.length).toBe(way.match(/^ {2}[a-z]+\/.*>/gm)!.length);
    const wrong = arrows
      .map(([arrow, from, line, to]) => ({ arrow, isRight: areLinked(from!, to!) === (line === '--') }))
      .filter(({ isRight }) => !isRight);
    expect(wrong).toEqual([]);
  });

  it('draws the imports between the top-level folders, and no others', () => {
    const drawn = [...text.matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(([, from, to]) => `${from} --> ${to}`);
    const imported = new Set<string>();
    for (const file of files) {
      const from = file.split('/')[0]!;
      for (const [, target] of readFileSync(path.join(ROOT, file), 'utf8').matchAll(IMPORT)) {
        const to = path.posix.join(path.posix.dirname(file), target!).split('/')[0]!;
        if (to !== from && TOP.includes(to)) imported.add(`${from} --> ${to}`);
      }
    }
    expect(drawn.toSorted()).toEqual([...imported].sort());
  });

  it('lists the rooms, each once', () => {
    const listed = [...text.matchAll(/^\| `([a-z-]+\/[a-z-]+)` \|/gm)].map(([, room]) => room!);
    const rooms = files
      .map((file) => /^([a-z-]+\/[a-z-]+)\/index\.ts$/.exec(file)?.[1])
      .filter((room) => room !== undefined && !room.startsWith('bench/'));
    // app/cli and app/bin have no door: nothing imports them but the program.
    expect(listed.toSorted()).toEqual([...new Set([...rooms, 'app/cli', 'app/client', 'app/page'])].sort());
  });

  it('names files that there are', () => {
    const named = [...text.matchAll(/`((?:app|bench|cache|inference|octree)\/[\w./-]+\.\w+)`/g)].map(
      ([, file]) => file!,
    );
    expect(named.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});
