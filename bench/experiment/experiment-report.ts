/** The report of the experiment, as Markdown and as a page with plots. Both are made of the same figures. */
import type { ContenderName } from '../speed/designs/index.ts';
import {
  carriedAnnotators,
  type ExperimentResult,
  type LoadCell,
  type StartKind,
} from './experiment-result.ts';
import { lineChart } from './line-chart.ts';

const DESIGNS: Readonly<Partial<Record<ContenderName, string>>> = {
  nearbox: 'N: nearbox',
  stateless: 'S: stateless, aiohttp and ONNX Runtime in Python',
  'plain-stateless': 'S: stateless, with the code of nearbox',
  websocket: 'W: websocket, aiohttp and ONNX Runtime in Python',
  'plain-websocket': 'W: websocket, with the code of nearbox',
};

const STARTS: Readonly<Record<StartKind, string>> = {
  mass: 'All annotators start within 5 s',
  spread: 'Annotators start one after the other',
};

/** What is compared: the lower or the higher the better. */
interface Column {
  readonly head: string;
  readonly of: (cell: LoadCell) => number;
  readonly text: (value: number) => string;
  readonly isMoreBetter?: boolean;
  /** Whether a plot of it has a linear upright axis. */
  readonly isShare?: boolean;
}

const whole = (value: number) => (Number.isFinite(value) ? value.toFixed(0) : 'none');
const COLUMNS: readonly Column[] = [
  { head: 'p50 ms', of: (cell) => cell.p50Ms, text: whole },
  { head: 'p95 ms', of: (cell) => cell.p95Ms, text: whole },
  { head: 'p99 ms', of: (cell) => cell.p99Ms, text: whole },
  {
    head: 'share under 400 ms',
    of: (cell) => cell.inTime,
    text: (value) => `${(100 * value).toFixed(1)} %`,
    isMoreBetter: true,
    isShare: true,
  },
  { head: 'KiB from the storage a click', of: (cell) => cell.storageKiB, text: whole },
  {
    head: 'requests to the storage a click',
    of: (cell) => cell.storageRequests,
    text: (value) => value.toFixed(1),
  },
  { head: 'CPU ms a click', of: (cell) => cell.cpuMs, text: (value) => value.toFixed(1) },
  { head: 'memory MiB', of: (cell) => cell.peakMiB, text: whole },
  { head: 'failed', of: (cell) => cell.failed, text: whole },
];

export function experimentMarkdown(result: ExperimentResult): string {
  const lines = [
    '# The experiment, repeated',
    '',
    // One line: `wrapped` breaks it.
    [
      'Written by `npm run bench -- --write`; [with plots](experiment.html). Three designs answer the same',
      'clicks on the same clouds behind the same storage: W reads all clouds of a task when an annotator',
      'connects, S reads the few nodes that a click needs and keeps nothing, N is nearbox.',
    ].join(' '),
    '',
    ...conditions(result).map((line) => `- ${line}`),
  ];
  for (const start of startsOf(result)) {
    lines.push('', `## ${STARTS[start]}`, '', ...verdicts(result, start).map((line) => `- ${line}`), '');
    lines.push(`| annotators | design | ${COLUMNS.map(({ head }) => head).join(' | ')} |`);
    lines.push(`| ---: | --- | ${COLUMNS.map(() => '---:').join(' | ')} |`);
    for (const cell of cellsOf(result, start))
      lines.push(
        `| ${cell.annotators} | ${designName(cell.contender)} | ${COLUMNS.map(({ of, text }) => text(of(cell))).join(' | ')} |`,
      );
  }
  lines.push('', '## Where nearbox does not win', '', ...defeats(result).map((line) => `- ${line}`), '');
  return lines.join('\n');
}

export function experimentHtml(result: ExperimentResult): string {
  const list = (items: readonly string[]) =>
    `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
  const sections = startsOf(result).map((start) => {
    const cells = cellsOf(result, start);
    const names = [...new Set(cells.map(({ contender }) => contender))];
    const charts = COLUMNS.filter(({ head }) => head !== 'failed').map(({ head, of, isShare = false }) =>
      lineChart({
        title: head,
        xLabel: 'annotators',
        yLabel: head,
        isLogY: !isShare,
        series: names.map((name) => ({
          name,
          points: cells
            .filter(({ contender }) => contender === name)
            .map((cell) => [cell.annotators, of(cell)]),
        })),
      }),
    );
    const head = ['annotators', 'design', ...COLUMNS.map((column) => column.head)];
    const rows = cells.map((cell) => [
      String(cell.annotators),
      designName(cell.contender),
      ...COLUMNS.map(({ of, text }) => text(of(cell))),
    ]);
    const table = [
      `<tr>${head.map((text) => `<th>${escaped(text)}</th>`).join('')}</tr>`,
      ...rows.map((row) => `<tr>${row.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`),
    ];
    return `<h2>${STARTS[start]}</h2>${list(verdicts(result, start))}<div class="charts">${charts.join('')}</div><table>${table.join('\n')}</table>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>nearbox: the experiment, repeated</title>
<style>
body { font: 15px/1.5 sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse } td, th { padding: .15rem .6rem; border-bottom: 1px solid #ddd; text-align: right }
td:nth-child(2), th:nth-child(2) { text-align: left } .charts { display: flex; flex-wrap: wrap; gap: 1rem } svg { max-width: 100%; height: auto }
</style>
<h1>The experiment, repeated</h1>
${list(conditions(result))}
${sections.join('\n')}
<h2>Where nearbox does not win</h2>
${list(defeats(result))}
</html>
`;
}

function conditions({ machine, versions, source, seconds }: ExperimentResult): string[] {
  return [
    machine,
    versions.join(', '),
    `${source}; every annotator has a sequence of its own, clicks about every 5 s, 5 clicks on a frame, for ${seconds} s`,
    'Storage on loopback: first byte log-normal with a median of 40 ms (sigma 0.35), then 50 MB/s a connection.',
    'Latency counts from the moment at which a click was due. Storage and generator share the two cores with the design.',
    'The Python designs run the same networks without occlusion features and second tries: their cost is compared, not their boxes.',
  ];
}

function startsOf({ cells }: ExperimentResult): StartKind[] {
  return [...new Set(cells.map(({ start }) => start))];
}

function cellsOf({ cells }: ExperimentResult, start: StartKind): LoadCell[] {
  return cells
    .filter((cell) => cell.start === start)
    .toSorted((a, b) => a.annotators - b.annotators || a.contender.localeCompare(b.contender));
}

/** How many annotators each design carries. */
function verdicts(result: ExperimentResult, start: StartKind): string[] {
  const cells = cellsOf(result, start);
  return [...new Set(cells.map(({ contender }) => contender))].map((name) => {
    const own = cells.filter(({ contender }) => contender === name);
    const most = carriedAnnotators(own);
    const said =
      most === null
        ? `does not keep 99 % under 400 ms with ${Math.min(...own.map(({ annotators }) => annotators))} annotators`
        : `keeps 99 % under 400 ms up to ${most} of the numbers of annotators below`;
    return `${designName(name)} ${said}.`;
  });
}

/** Every column in which another design is better than nearbox under the same annotators. */
function defeats({ cells }: ExperimentResult): string[] {
  const found = cells
    .filter(({ contender }) => contender === 'nearbox')
    .flatMap((own) =>
      cells
        .filter(
          ({ contender, start, annotators }) =>
            contender !== 'nearbox' && start === own.start && annotators === own.annotators,
        )
        .flatMap((other) =>
          COLUMNS.filter(({ of, isMoreBetter = false }) => {
            const [ours, theirs] = [of(own), of(other)];
            return isMoreBetter ? theirs > ours : theirs < ours;
          }).map(
            ({ head, of, text }) =>
              `${own.annotators} annotators (${own.start} start), ${head}: ${designName(other.contender)} ${text(of(other))}, nearbox ${text(of(own))}.`,
          ),
        ),
    );
  return found.length === 0 ? ['Nowhere: it is first or level in every column.'] : found;
}

function designName(name: ContenderName): string {
  return DESIGNS[name] ?? name;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
