/** Frames as files have them, into the work and out of it. */
import { type ExchangeFrame, toExchange, toLabels } from '../exchange/index.ts';
import { frameOf, labelsOf, replaceFrames, shortId, type Work } from '../model/index.ts';
import type { Message } from './state.ts';

/** The work after an import, and what to say of it. */
interface ImportedWork {
  readonly work: Work;
  readonly said: string;
  readonly tone: Message['tone'];
}

/** Names that a message lists. */
const MOST_LISTED = 3;

/** Puts imported frames in the place of those of the same name. `listed`: the frames that are here. */
export function withImported(
  work: Work,
  listed: readonly string[],
  imported: readonly ExchangeFrame[],
): ImportedWork {
  const names = [...new Set(imported.map(({ frame }) => frame))];
  const count = imported.reduce((total, { labels }) => total + labels.length, 0);
  const { labels, repeated } = toLabels(imported, work.nextId);
  // Of a frame that is there twice, what was said first of the whole frame holds.
  const kept = new Map(imported.toReversed().map((one) => [one.frame, one.kept]));
  const replaced = Object.fromEntries(
    Object.entries(labels).map(([name, list]) => [
      name,
      { ...frameOf(work, name), labels: list, kept: { ...frameOf(work, name).kept, ...kept.get(name) } },
    ]),
  );
  const strangers = names.filter((name) => !listed.includes(name));
  const twice = names.filter((name) => imported.filter(({ frame }) => frame === name).length > 1);
  const warnings = [
    twice.length > 0 && `Frames that were there twice have the boxes of both: ${firstOf(twice)}.`,
    strangers.length > 0 &&
      `${strangers.length} of them ${strangers.length === 1 ? 'is not here and is' : 'are not here and are'} kept apart: ${firstOf(strangers)}.`,
    repeated.length > 0 &&
      `Ids that were there twice in a frame got new numbers: ${firstOf(repeated.map(shortId))}.`,
  ].filter((warning) => warning !== false);
  const said = `${count} boxes were imported in ${names.length} frame${names.length === 1 ? '' : 's'}.`;
  return {
    work: replaceFrames(work, replaced),
    said: [said, ...warnings].join(' '),
    tone: warnings.length === 0 ? 'info' : 'warn',
  };
}

/** All frames that have boxes, in the order of `listed`. */
export function exportedFrames(work: Work, listed: readonly string[]): ExchangeFrame[] {
  const order = new Map(listed.map((frame, index) => [frame, index]));
  return Object.keys(work.frames)
    .filter((frame) => labelsOf(work, frame).length > 0 || frameOf(work, frame).kept.imported !== undefined)
    .sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity) || a.localeCompare(b))
    .map((frame) => {
      const { labels, kept } = frameOf(work, frame);
      return { frame, labels: labels.map(toExchange), kept };
    });
}

function firstOf(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return more > 0 ? `${names.slice(0, MOST_LISTED).join(', ')} and ${more} more` : names.join(', ');
}
