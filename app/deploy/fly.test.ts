/** fly.toml against itself, the server's options and the Dockerfile. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { environmentName, parseServeConfig, SERVE_OPTIONS } from '../config/index.ts';
import { appRoutes, Metrics } from '../http/index.ts';
import { TRACE_FLUSH_MS } from '../tracing/index.ts';
import { parseDockerfile } from './dockerfile.ts';

type Value = string | number | boolean;

const root = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/**
 * The part of TOML that the file uses: tables, and keys with a string, an integer or a boolean. A table in an
 * array is its only one.
 */
function parseToml(text: string): Map<string, Value> {
  const values = new Map<string, Value>();
  let table = '';
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[\[?([\w.]+)\]?\]$/.exec(line);
    const pair = /^(\w+) = (?:"([^"]*)"|(\d+)|(true|false))$/.exec(line);
    if (header !== null) table = `${header[1]}.`;
    else if (pair !== null) {
      const [, key, string, integer] = pair;
      values.set(`${table}${key}`, string ?? (integer === undefined ? pair[4] === 'true' : Number(integer)));
    } else throw new Error(`not understood: ${line}`);
  }
  return values;
}

const text = root('fly.toml');
const fly = parseToml(text);
const string = (key: string) => String(fly.get(key));
const seconds = (key: string) => Number(/^(\d+)s$/.exec(string(key))![1]);
const gigabytes = (key: string) => Number(/^(\d+)gb$/.exec(string(key))![1]) * 2 ** 30;
const environment = new Map(
  [...fly].filter(([key]) => key.startsWith('env.')).map(([key, value]) => [key.slice(4), value]),
);
const config = parseServeConfig(
  Object.fromEntries(
    Object.entries(SERVE_OPTIONS).map(([name, { flag }]) => [name, environment.get(environmentName(flag))]),
  ),
);

describe('fly.toml', () => {
  it('explains every line', () => {
    const lines = text.split('\n').map((line) => line.trim());
    const unexplained = lines.filter((line, i) => /^\w+ = /.test(line) && !lines[i - 1]!.startsWith('#'));
    expect(unexplained).toEqual([]);
  });

  it('sets options that there are, to values that they take', () => {
    const known = Object.values(SERVE_OPTIONS).map(({ flag }) => environmentName(flag));
    expect([...environment.keys()].filter((name) => !known.includes(name))).toEqual([]);
    expect(config.host).toBe('0.0.0.0');
  });

  it('names one port and routes that there are', () => {
    expect([fly.get('http_service.internal_port'), fly.get('metrics.port')]).toEqual([
      config.port,
      config.port,
    ]);
    const options = { lifecycle: { state: 'ready' } } as unknown as Parameters<typeof appRoutes>[0];
    const paths = appRoutes(options, new Metrics()).map(({ path }) => path);
    expect(paths).toContain(fly.get('http_service.checks.path'));
    expect(paths).toContain(fly.get('metrics.path'));
  });

  it('leaves time to drain and to send the last traces', () => {
    expect(['SIGTERM', 'SIGINT']).toContain(fly.get('kill_signal'));
    expect(seconds('kill_timeout') * 1000).toBeGreaterThan(config.drainMs + TRACE_FLUSH_MS);
    expect(seconds('kill_timeout')).toBeLessThanOrEqual(300);
  });

  it('lets the server refuse before the proxy queues', () => {
    expect(fly.get('http_service.concurrency.type')).toBe('requests');
    expect(fly.get('http_service.concurrency.hard_limit')).toBeGreaterThan(config.fitQueue);
    expect(fly.get('http_service.concurrency.soft_limit')).toBeLessThan(config.fitQueue);
  });

  it('has cores for the workers and memory for the tiles', () => {
    const cores = Number(/^performance-(\d+)x$/.exec(string('vm.size'))![1]);
    expect(config.shards * config.fitThreads).toBe(cores);
    const memory = gigabytes('vm.memory');
    expect(memory).toBeGreaterThanOrEqual(cores * 2 * 2 ** 30);
    expect(config.memoryBytes).toBeLessThanOrEqual(memory / 2);
    if (memory > 2 * 2 ** 30) expect(fly.get('http_service.auto_stop_machines')).not.toBe('suspend');
  });

  it('mounts the disk that the tiles are kept on, and the image has the folder', () => {
    expect(fly.get('mounts.destination')).toBe(config.diskCache);
    expect(config.diskTileBytes).toBeLessThanOrEqual(gigabytes('mounts.initial_size') / 2);
    const steps = parseDockerfile(root(string('build.dockerfile'))).flatMap((stage) => stage.steps);
    expect(steps.some(({ kind, text: run }) => kind === 'RUN' && run.includes(config.diskCache!))).toBe(true);
  });
});
