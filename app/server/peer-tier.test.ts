/**
 * Instances that share their reads: each tile has an owner among them. Real processes, one of which is killed
 * in the middle.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it, vi } from 'vitest';
import { freePort, ObjectServer, PROGRAM } from '../../cache/testing/index.ts';
import { clicker, demoFiles, demoPlaces, tilesRead } from '../testing/index.ts';

vi.setConfig({ testTimeout: 300_000 });

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Instance {
  readonly url: string;
  readonly click: ReturnType<typeof clicker>;
  /** A value of `/metrics`. */
  metric(name: string): Promise<number>;
  kill(): Promise<void>;
}

async function launch(port: number, flags: readonly string[]): Promise<Instance> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, 'serve', '--port', `${port}`, ...flags], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  ends.push(kill);
  const url = `http://127.0.0.1:${port}`;
  const isReady = (async () => {
    for await (const line of createInterface({ input: child.stdout! })) if (line.endsWith(url)) return true;
    return false;
  })();
  expect(await isReady).toBe(true);
  const metric = async (name: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  };
  return { url, click: clicker(url), metric, kill };
}

it('three instances read each tile from the storage once between them; two go on when the third is killed', async () => {
  const storage = await ObjectServer.start('/clouds');
  ends.push(() => storage.stop());
  for (const cloud of ['000000', '000001'])
    for (const [name, bytes] of await demoFiles(cloud)) storage.put(name, bytes);
  const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-owners-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));

  const ports = [await freePort(), await freePort(), await freePort()];
  const peers = ports.map((port) => `http://127.0.0.1:${port}`).join(',');
  const waits = ['timeout', 'max-timeout', 'upstream-hedge-after', 'storage-timeout'].flatMap((of) => [
    `--${of}-ms`,
    '60000',
  ]);
  const instances = await Promise.all(
    ports.map((port, i) => {
      const disk = ['--disk-cache', path.join(folder, `${i}`), '--disk-timeout-ms', '60000'];
      // Two shards, so that clicks spill over; no reading ahead, so that the clicks alone are counted.
      const work = ['--shards', '2', '--read-ahead-points', '0'];
      return launch(port, ['--clouds', storage.base, '--peers', peers, ...disk, ...waits, ...work]);
    }),
  );
  const places = demoPlaces(6);
  const first = await Promise.all(places.flatMap((place) => instances.map(({ click }) => click(place))));
  for (const cost of first) expect(cost.memory + cost.disk + cost.origin).toBe(cost.nodes);
  const counts = tilesRead(storage);
  expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
  // Everybody owns some of them, and has the others from their owners.
  for (const { metric } of instances) {
    expect(await metric('nearbox_tile_reads_total{place="origin"}')).toBeGreaterThan(0);
    expect(await metric('nearbox_tile_reads_total{place="owner"}')).toBeGreaterThan(0);
  }
  const reads = instances.map(({ metric }) => metric('nearbox_tile_reads_total{place="origin"}'));
  expect((await Promise.all(reads)).reduce((sum, n) => sum + n)).toBe(counts.size);

  // Another cloud; one instance goes while the clicks are under way.
  const clicks = demoPlaces(6, '000001').flatMap((place) =>
    instances.slice(0, 2).map(({ click }) => click(place, '000001')),
  );
  await instances[2]!.kill();
  const second = await Promise.all(clicks);
  expect(second.length).toBe(12);
  // Once it is known to be gone, its tiles have other owners.
  const again = await Promise.all(instances.slice(0, 2).map(({ click }) => click(places[0]!, '000001')));
  expect(again.length).toBe(2);
});
