/**
 * The colours of the page against each other: text has to be readable on every surface, dark and light
 * (WCAG 2.2, 1.4.3 and 1.4.11).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Theme = ReadonlyMap<string, string>;

const css = readFileSync(new URL('dom/theme.css', import.meta.url), 'utf8');
const timelineCss = readFileSync(new URL('panels/timeline/timeline.css', import.meta.url), 'utf8');

/** The `--name: #rrggbb` of a rule. */
function coloursOf(selector: string, sheet = css): Map<string, string> {
  const start = `\n${sheet}`.indexOf(`\n${selector} {`);
  const rule = sheet.slice(start, sheet.indexOf('\n}', start));
  return new Map(
    [...rule.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]),
  );
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

/** What is under the open frame's column of the timeline: a share of the accent over the surface. */
function tinted(accent: string, surface: string): string {
  const channels = [1, 3, 5].map((at) => {
    const [over, under] = [accent, surface].map((colour) => Number.parseInt(colour.slice(at, at + 2), 16));
    return Math.round(CURSOR_SHARE * over! + (1 - CURSOR_SHARE) * under!);
  });
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

const CURSOR_SHARE = Number(/#timeline-cursor \{[^}]*var\(--accent\) (\d+)%/.exec(timelineCss)![1]) / 100;
const LIGHT = ':root[data-look="light"]';
const dark = new Map([...coloursOf(':root'), ...coloursOf(':root', timelineCss)]);
const themes: readonly (readonly [string, Theme])[] = [
  ['dark', dark],
  ['light', new Map([...dark, ...coloursOf(LIGHT), ...coloursOf(LIGHT, timelineCss)])],
];

describe.each(themes)('%s', (_, theme) => {
  const colour = (name: string) => theme.get(name)!;

  it.each(['text', 'quiet', 'warn', 'bad', 'accent', 'good'])('%s is readable on every surface', (name) => {
    for (const surface of ['surface', 'ground', 'scene', 'raised'])
      expect(contrast(colour(name), colour(surface)), surface).toBeGreaterThanOrEqual(4.5);
  });

  const statuses = [...theme.keys()].filter((name) => name.startsWith('track-'));
  it.each(statuses)('%s is seen in the timeline, in every row and in the open frame', (name) => {
    for (const row of [colour('surface'), colour('raised')])
      for (const surface of [row, tinted(colour('accent'), row)])
        expect(contrast(colour(name), surface), surface).toBeGreaterThanOrEqual(3);
  });
});
