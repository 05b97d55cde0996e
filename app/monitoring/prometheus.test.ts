/** The alerts, the dashboard and what `/metrics` says: against each other, and in a real Prometheus. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findComponent, freePort } from '../../cache/testing/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { type RunningServer, startServer } from '../server/index.ts';
import { type Exposition, parseExposition, queriedSeries } from './testing/index.ts';

// A Prometheus on a busy machine takes its time.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const read = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');

interface Dashboard {
  readonly templating: { readonly list: readonly { name: string; query: unknown; type: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly datasource?: unknown;
    readonly targets?: readonly { readonly expr: string; readonly datasource: unknown }[];
  }[];
}

const dashboard = JSON.parse(read('dashboard.json')) as Dashboard;

/**
 * The rules of a file, with their expressions on one line. The files keep to one form, which is checked to
 * have been understood.
 */
function rulesOf(file: string): { readonly name: string; readonly text: string; readonly expr: string }[] {
  const blocks = read(file).split(/^ {6}- (?=alert:|record:)/m);
  const rules = blocks.slice(1).map((text) => {
    const name = /^(?:alert|record): (\S+)$/m.exec(text)?.[1];
    const expr = /^ {8}expr:(?: >-\n((?: {10}.+\n)+)| (.+)\n)/m.exec(text);
    if (name === undefined || expr === null) throw new Error(`${file}: not understood: ${text}`);
    return { name, text, expr: (expr[1] ?? expr[2]!).replace(/\s+/g, ' ').trim() };
  });
  expect(rules.length).toBe(read(file).match(/\bexpr:/g)!.length);
  return rules;
}

let server: RunningServer;
let text: string;
let exposition: Exposition;

beforeAll(async () => {
  server = await startServer(parseServeConfig({ port: '0', rehearseMs: '0' }), silentLog);
  const answer = await fetch(`${server.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cloud: '000000', region: { type: 'click', position: [-7.2, 5.4, -1.1] } }),
  });
  expect(answer.status).toBe(200);
  text = await (await fetch(`${server.url}/metrics`)).text();
  exposition = parseExposition(text);
});
afterAll(() => server.close());

describe('what is queried is there', () => {
  const recorded = () => rulesOf('objectives.yml').map(({ name }) => name);
  /** What a query asks for that no instance says: series, and labels of them. */
  const unknown = (expr: string) =>
    queriedSeries(expr).flatMap(({ name, labels }) => {
      if (recorded().includes(name) || name === 'up') return [];
      const known = exposition.get(name);
      if (known === undefined) return [name];
      return labels
        .filter((label) => !['job', 'instance', ...known].includes(label))
        .map((l) => `${name} ${l}`);
    });

  it.each(['objectives.yml', 'alerts.yml'])('by %s', (file) => {
    const missing = rulesOf(file).flatMap(({ name, expr }) => unknown(expr).map((of) => `${name}: ${of}`));
    expect(missing).toEqual([]);
  });

  it('by every panel of the dashboard', () => {
    const missing = dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) => unknown(expr).map((of) => `${title}: ${of}`)),
    );
    expect(missing).toEqual([]);
    expect(dashboard.panels.flatMap(({ targets = [] }) => targets).length).toBeGreaterThan(30);
  });

  it('and a name that is not would be found', () => {
    expect(unknown('rate(nearbox_no_such_total[5m])')).toEqual(['nearbox_no_such_total']);
    expect(unknown('sum by (le) (rate(nearbox_errors_total{kode="x"}[5m])) > 0')).toEqual([
      'nearbox_errors_total kode',
    ]);
  });

  it('every metric of nearbox has a panel', () => {
    const shown = new Set(
      dashboard.panels.flatMap(({ targets = [] }) =>
        targets.flatMap(({ expr }) =>
          queriedSeries(expr).map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')),
        ),
      ),
    );
    const own = [...text.matchAll(/^# TYPE (nearbox_\w+) /gm)].map(([, name]) => name!);
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('goes by a variable to whatever data source there is, panel by panel', () => {
    const { list } = dashboard.templating;
    expect(list.find(({ name }) => name === 'datasource')).toMatchObject({
      type: 'datasource',
      query: 'prometheus',
    });
    const panels = dashboard.panels.filter(({ type }) => type !== 'row');
    for (const { datasource, targets = [], title } of panels)
      for (const one of [datasource, ...targets.map((target) => target.datasource)])
        expect(one, title).toEqual({ type: 'prometheus', uid: `$${'{datasource}'}` });
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

describe('every alert', () => {
  const alerts = rulesOf('alerts.yml');
  const manual = readFileSync(path.join(FOLDER, '../../docs/monitoring.md'), 'utf8');

  it('says what it is, how bad, and leads to its place in docs/monitoring.md', () => {
    for (const { name, text: rule } of alerts) {
      expect(rule, name).toMatch(/severity: (page|ticket) /);
      expect(rule, name).toMatch(/summary: ".{10,}"\n\s+description: ".{20,}"/);
      expect(rule, name).toContain(`runbook_url: docs/monitoring.md#${name.toLowerCase()}\n`);
    }
    const told = [...manual.matchAll(/^### (Nearbox\w+)$/gm)].map(([, name]) => name);
    expect(told).toEqual(alerts.map(({ name }) => name));
  });

  it('has a case in which it fires', () => {
    const cases = read('alerts.test.yml') + read('alerts.slow.test.yml');
    for (const { name } of alerts) expect(cases).toContain(`{alertname="${name}"}`);
  });
});

const promtool = findComponent('promtool');

describe.skipIf(promtool === null)('promtool', () => {
  const run = (args: readonly string[], input?: string) => {
    const { status, stdout, stderr } = spawnSync(promtool!, args, { cwd: FOLDER, input, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  };

  it('check metrics: finds nothing in what a real server says', () => {
    expect(run(['check', 'metrics'], text)).toEqual({ status: 0, output: '' });
  });

  it('check config: the configuration and its rules', () => {
    const { status, output } = run(['check', 'config', 'prometheus.yml']);
    expect(status, output).toBe(0);
    expect(output).toContain(`${rulesOf('alerts.yml').length} rules found`);
  });

  it.each(['alerts.test.yml', 'alerts.slow.test.yml'])('test rules %s', (file) => {
    const { status, output } = run(['test', 'rules', file]);
    expect(status, output).toBe(0);
  });
});

const prometheus = findComponent('prometheus');

describe.skipIf(prometheus === null)('a real Prometheus', () => {
  it('takes the rules, finds the server up, and draws every panel', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-prometheus-'));
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.yml')))
      cpSync(path.join(FOLDER, file), path.join(folder, file));
    const config = read('prometheus.yml')
      .replace('nearbox:8080', `127.0.0.1:${server.port}`)
      .replaceAll('15s', '1s');
    await writeFile(path.join(folder, 'prometheus.yml'), config);
    const port = await freePort();
    const child = spawn(
      prometheus!,
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    const ended = once(child, 'exit');
    /** Asks until the answer is there. */
    const ask = async <T>(resource: string, found: (data: T) => unknown): Promise<T> => {
      for (;;) {
        if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`);
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/${resource}`).catch(() => null);
        const data = response?.ok ? ((await response.json()) as { data: T }).data : undefined;
        if (data !== undefined && found(data)) return data;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    type Vector = { result: { value: [number, string] }[] };
    const query = (expr: string, found: (data: Vector) => unknown = () => true) =>
      ask<Vector>(`query?query=${encodeURIComponent(expr)}`, found);
    try {
      await query(
        'up{job="nearbox"} == 1 and on (instance) nearbox_ready == 1',
        ({ result }) => result.length === 1,
      );
      const { groups } = await ask<{ groups: { rules: { name: string; health: string }[] }[] }>(
        'rules',
        (data) => data.groups.every(({ rules }) => rules.every(({ health }) => health === 'ok')),
      );
      const names = groups.flatMap(({ rules }) => rules.map(({ name }) => name));
      const expected = [...rulesOf('objectives.yml'), ...rulesOf('alerts.yml')].map(({ name }) => name);
      expect(names.sort()).toEqual(expected.sort());
      const alerting = await query('ALERTS{alertstate="firing"}');
      expect(alerting.result).toEqual([]);
      for (const { targets = [] } of dashboard.panels)
        for (const { expr } of targets)
          await query(
            expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.+').replaceAll('$instance', '.+'),
          );
    } finally {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    }
  });
});
