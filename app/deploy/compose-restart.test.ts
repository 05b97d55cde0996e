/**
 * compose.yaml's services end and start again, as its restart policy says, and the chain works again without
 * a hand. Real programs without containers: the test is the engine.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findComponent } from '../../cache/testing/index.ts';
import { demoPlaces } from '../testing/index.ts';
import { type ComposeServiceName, ComposeServices, composeService } from './testing/index.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const NAMES: readonly ComposeServiceName[] = ['s3', 'nearbox', 'cdn'];
const nginx = findComponent('nginx');
const versitygw = findComponent('versitygw');

let folder: string;
let services: ComposeServices;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-compose-restart-'));
  services = await ComposeServices.prepare(folder, { s3: versitygw!, cdn: nginx! });
});
afterEach(async () => {
  await services.killAll();
  await rm(folder, { recursive: true, force: true });
});

async function click(cloud: string): Promise<number> {
  const [position] = demoPlaces(1, cloud);
  const answer = await fetch(`${services.origin('cdn')}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cloud, region: { type: 'click', position } }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

describe.skipIf(nginx === null || versitygw === null)('the services of compose.yaml', () => {
  it('answer again after each of them has crashed and was started again, the others untouched', async () => {
    for (const name of NAMES) await services.start(name);
    expect(await click('000000')).toBe(200);
    for (const [k, name] of NAMES.entries()) {
      await services.kill(name);
      if (name === 's3') expect(await click('000000'), 'from memory').toBe(200);
      if (name === 'nearbox') expect(await click('000000')).toBe(502);
      expect(composeService(name)).toContain('restart: unless-stopped');
      await services.start(name);
      // One that was clicked before, and one that nobody has read yet.
      expect(await click('000000'), `after ${name}`).toBe(200);
      expect(await click(`00000${k + 1}`), `after ${name}`).toBe(200);
    }
  });

  it('answer after a restart of the machine, which starts them in any order', async () => {
    for (const name of NAMES) await services.start(name);
    expect(await click('000000')).toBe(200);
    await services.killAll();
    for (const name of NAMES.toReversed()) await services.start(name);
    for (const cloud of ['000000', '000001']) expect(await click(cloud)).toBe(200);
  });

  it('end by themselves when they are stopped', async () => {
    for (const name of NAMES) await services.start(name);
    expect(await click('000000')).toBe(200);
    expect(await services.terminate('nearbox')).toBe(0);
    await services.start('nearbox');
    expect(await click('000000')).toBe(200);
  });
});
