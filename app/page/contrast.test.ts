/**
 * The colours of styles.css against each other: text has to be readable on every surface, dark and light
 * (WCAG 2.2, 1.4.3 and 1.4.11).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Theme = ReadonlyMap<string, string>;

const css = readFileSync(new URL('styles.css', import.meta.url), 'utf8');

/** The `--name: #rrggbb` of a rule. */
function coloursOf(selector: string): Map<string, string> {
  const start = css.indexOf(`\n${selector} {`);
  const rule = css.slice(start, css.indexOf('\n}', start));
  return new Map([...rule.matchAll(/--(\w+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]));
}

/** Relative luminance of `#rrggbb`, by WCAG. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

const dark = coloursOf(':root');
const themes: readonly (readonly [string, Theme])[] = [
  ['dark', dark],
  ['light', new Map([...dark, ...coloursOf(':root[data-look="light"]')])],
];

describe.each(themes)('%s', (_, theme) => {
  const colour = (name: string) => theme.get(name)!;

  it.each(['text', 'quiet', 'warn', 'bad', 'accent'])('%s is readable on every surface', (name) => {
    for (const surface of ['surface', 'ground', 'scene'])
      expect(contrast(colour(name), colour(surface)), surface).toBeGreaterThanOrEqual(4.5);
  });

  it('text is readable on buttons, and the tick of accepted boxes is seen', () => {
    expect(contrast(colour('text'), colour('raised'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour('good'), colour('surface'))).toBeGreaterThanOrEqual(3);
  });
});
