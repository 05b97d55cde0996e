/** What a format has no place for: it is said before somebody misses it. */
import type { ExchangeFrame, ExchangeLabel, ExportFormat } from '../../exchange/index.ts';

interface Loss {
  readonly what: string;
  readonly formats: readonly ExportFormat[];
  readonly isIn: (label: ExchangeLabel) => boolean;
}

const LOSSES: readonly Loss[] = [
  {
    what: 'attributes',
    formats: ['kitti'],
    isIn: ({ attributes = {} }) => Object.keys(attributes).length > 0,
  },
  {
    what: 'pitch and roll',
    formats: ['kitti', 'pandaset', 'supervisely'],
    isIn: ({ tilt }) => tilt !== undefined && (tilt.pitch !== 0 || tilt.roll !== 0),
  },
];

/** A sentence about what the format leaves out of these frames; null: nothing. */
export function lossesIn(format: ExportFormat, frames: readonly ExchangeFrame[]): string | null {
  const labels = frames.flatMap((frame) => frame.labels);
  const lost = LOSSES.filter(({ formats }) => formats.includes(format)).flatMap(({ what, isIn }) => {
    const count = labels.filter(isIn).length;
    return count === 0 ? [] : [`${what} of ${count} ${count === 1 ? 'box' : 'boxes'}`];
  });
  return lost.length === 0 ? null : `The format has no place for ${lost.join(', and ')}.`;
}
