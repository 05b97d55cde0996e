/** The measured machines as Markdown, in three parts. */
import type { MeasuredCosts } from './costs.ts';
import type { EventResult } from './events.ts';
import type { HitsResult } from './hits.ts';

/** What it was measured on and with, a line each. */
type ReportHead = readonly string[];

/** With the share of clicks from memory that the simulation gives the same walk. */
export type HitsRow = HitsResult & { readonly simulatedFromMemory: number };

const MIB = 2 ** 20;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export function costsMarkdown(head: ReportHead, costs: MeasuredCosts): string {
  return [
    ...head.map((line) => `- ${line}`),
    '',
    table(
      [
        ['CPU ms a click: frame nowhere', '---:'],
        ['on disk', '---:'],
        ['in memory', '---:'],
        ['requests a frame', '---:'],
        ['MiB a frame, stored', '---:'],
        ['decoded / stored', '---:'],
      ],
      [
        [
          costs.coldCpuMs.toFixed(1),
          costs.diskCpuMs.toFixed(1),
          costs.warmCpuMs.toFixed(1),
          costs.frameRequests.toFixed(1),
          (costs.frameBytes / MIB).toFixed(2),
          costs.decodedPerStored.toFixed(2),
        ],
      ],
    ),
  ].join('\n');
}

export function hitsMarkdown(head: ReportHead, hits: readonly HitsRow[]): string {
  return [
    ...head.map((line) => `- ${line}`),
    '',
    table(
      [
        ['instances', '---:'],
        ['balancer', '---'],
        ['affinity', '---'],
        ['nodes from', '---'],
        ['clicks', '---:'],
        ['failed', '---:'],
        ['p50 ms', '---:'],
        ['p95 ms', '---:'],
        ['CPU ms a click', '---:'],
        ['of the balancer', '---:'],
        ['from memory', '---:'],
        ['simulated', '---:'],
        ['storage requests a frame', '---:'],
        ['KiB a frame', '---:'],
      ],
      hits.map((row) => [
        row.instances,
        row.balancer,
        row.hasAffinity ? 'yes' : 'no',
        row.nodesFrom,
        row.clicks,
        row.failed,
        row.p50Ms.toFixed(0),
        row.p95Ms.toFixed(0),
        row.cpuMs.toFixed(1),
        row.balancerCpuMs.toFixed(2),
        percent(row.fromMemory),
        percent(row.simulatedFromMemory),
        row.storageReadsPerFrame.toFixed(1),
        row.storageKiBPerFrame.toFixed(0),
      ]),
    ),
  ].join('\n');
}

export function eventsMarkdown(head: ReportHead, events: readonly EventResult[]): string {
  return [
    ...head.map((line) => `- ${line}`),
    '',
    table(
      [
        ['instances', '---:'],
        ['balancer', '---'],
        ['what happens', '---'],
        ['clicks', '---:'],
        ['failed', '---:'],
        ['sent again', '---:'],
        ['p50 ms', '---:'],
        ['p99 ms', '---:'],
      ],
      events.map((row) => [
        row.instances,
        row.balancer,
        row.event,
        row.clicks,
        row.failed === 0 ? '0' : `${row.failed} (${Object.keys(row.failures).join(', ')})`,
        row.sentAgain,
        row.p50Ms.toFixed(0),
        row.p99Ms.toFixed(0),
      ]),
    ),
  ].join('\n');
}

function table(
  columns: readonly (readonly [name: string, alignment: string])[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return [columns.map(([name]) => name), columns.map(([, alignment]) => alignment), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
