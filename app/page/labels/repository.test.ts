import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type LabelsBox, type PageLabels } from '../api/index.ts';
import type { SaveState } from '../session/index.ts';
import { emptyDocument } from './document.ts';
import { MemoryRecords, type RecordStore } from './records.ts';
import { LabelRepository } from './repository.ts';

const box = (id: string, kind = 'car'): LabelsBox => ({
  id,
  class: kind,
  box: { center: [Number(id) * 20, 0, 0], size: [4, 2, 1.5], yaw: 0 },
});
const withBoxes = (...boxes: LabelsBox[]): PageLabels => ({ ...emptyDocument('f', 'v1'), boxes });
const kinds = ({ boxes }: PageLabels) => boxes.map((one) => `${one.id} ${String(one.class)}`);

/** A storage with conditional writes, which can be out of reach. */
class Storage {
  document: PageLabels | null = null;
  revision = 0;
  trouble: ApiError | null = null;
  writes = 0;

  get tag(): string | null {
    return this.document === null ? null : `"${this.revision}"`;
  }

  async etag() {
    if (this.trouble !== null) throw this.trouble;
    return this.tag;
  }

  async labels() {
    if (this.trouble !== null) throw this.trouble;
    return this.document === null ? null : { document: this.document, etag: this.tag! };
  }

  async putLabels(_cloud: string, document: PageLabels, etag: string | null) {
    if (this.trouble !== null) throw this.trouble;
    if (etag !== this.tag) throw new ApiError('precondition_failed', 412, 'changed meanwhile');
    this.writes += 1;
    return this.write(document);
  }

  write(document: PageLabels): string {
    this.document = JSON.parse(JSON.stringify(document)) as PageLabels;
    this.revision += 1;
    return this.tag!;
  }
}

/** A tab: what it shows, and what it was told. Timers run when the test says so. */
function openTab(records: RecordStore, server: Storage | null, others: () => readonly Tab[] = () => []) {
  const tab = {
    shown: null as PageLabels | null,
    conflicts: [] as string[],
    state: null as SaveState | null,
    timers: [] as (() => void)[],
    async edit(...boxes: LabelsBox[]) {
      tab.shown = { ...tab.shown!, boxes };
      repository.touch('f');
      await repository.settled();
    },
    async open() {
      tab.shown = await repository.open('f');
    },
    /** Runs timers until none is left, or the server is out of reach. */
    async send() {
      for (let rounds = 0; tab.timers.length > 0 && rounds < 5; rounds++) {
        for (const run of tab.timers.splice(0)) run();
        await repository.settled();
      }
    },
  };
  const repository: LabelRepository = new LabelRepository({
    records,
    server,
    serverId: 'http://here',
    current: () => tab.shown,
    onMerged: (_, document, conflicts) => {
      tab.shown = document;
      tab.conflicts.push(...conflicts);
      repository.touch('f');
    },
    onState: (state) => {
      tab.state = state;
    },
    tell: () => {
      for (const other of others()) if (other.tab !== tab) void other.repository.reload('f');
    },
    later: (run) => tab.timers.push(run),
  });
  return { tab, repository };
}
type Tab = ReturnType<typeof openTab>;

const unreachable = new ApiError('unreachable', 0, 'The server cannot be reached.');

describe('labels in this browser alone', () => {
  it('are there for the next page', async () => {
    const records = new MemoryRecords({ isLasting: true });
    const first = openTab(records, null);
    await first.tab.open();
    await first.tab.edit(box('1'));
    expect(first.tab.state).toMatchObject({ status: 'saved', where: 'browser' });
    const next = openTab(records, null);
    await next.tab.open();
    expect(kinds(next.tab.shown!)).toEqual(['1 car']);
  });

  it('of two tabs are merged: what only one did, both have', async () => {
    const records = new MemoryRecords({ isLasting: true });
    const tabs: Tab[] = [];
    tabs.push(
      openTab(records, null, () => tabs),
      openTab(records, null, () => tabs),
    );
    for (const { tab } of tabs) await tab.open();
    await tabs[0]!.tab.edit(box('1'));
    await Promise.all(tabs.map(({ repository }) => repository.settled()));
    expect(kinds(tabs[1]!.tab.shown!)).toEqual(['1 car']);
    await tabs[1]!.tab.edit(box('1'), box('2'));
    await Promise.all(tabs.map(({ repository }) => repository.settled()));
    expect(kinds(tabs[0]!.tab.shown!)).toEqual(['1 car', '2 car']);
  });

  it('of a stale tab do not overwrite what was done since', async () => {
    const records = new MemoryRecords({ isLasting: true });
    const [stale, busy] = [openTab(records, null), openTab(records, null)];
    await stale.tab.open();
    await busy.tab.open();
    await busy.tab.edit(box('1'));
    await stale.tab.edit(box('2'));
    expect(kinds(stale.tab.shown!).sort()).toEqual(['1 car', '2 car']);
    const next = openTab(records, null);
    await next.tab.open();
    expect(kinds(next.tab.shown!).sort()).toEqual(['1 car', '2 car']);
  });

  it('of the same box in two tabs are both kept, and said', async () => {
    const records = new MemoryRecords({ isLasting: true });
    const first = openTab(records, null);
    await first.tab.open();
    await first.tab.edit(box('1'));
    const stale = openTab(records, null);
    await stale.tab.open();
    await first.tab.edit(box('1', 'bus'));
    await stale.tab.edit(box('1', 'van'));
    expect(kinds(stale.tab.shown!)).toEqual(['1 bus', '1-b van']);
    expect(stale.tab.conflicts).toEqual(['1']);
  });

  it('that the browser had no room for are kept once it has', async () => {
    const records = new MemoryRecords({ isLasting: true });
    const { tab, repository } = openTab(records, null);
    await tab.open();
    const update = records.update.bind(records);
    records.update = async () => {
      throw new Error('the disk is full');
    };
    await tab.edit(box('1'));
    expect(repository.state).toMatchObject({ status: 'failed' });
    records.update = update;
    await tab.send();
    expect(tab.state).toMatchObject({ status: 'saved' });
    expect((await records.all('http://here')).map(({ document }) => kinds(document))).toEqual([['1 car']]);
  });

  it('that the browser has no room for are said to be unsaved', async () => {
    const records = new MemoryRecords({ isLasting: true });
    const { tab, repository } = openTab(records, null);
    await tab.open();
    records.update = async () => {
      throw new Error('the disk is full');
    };
    await tab.edit(box('1'));
    expect(tab.state).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('the disk is full'),
    });
    expect(repository.unwritten()).toMatchObject([{ cloud: 'f', document: { boxes: [{ id: '1' }] } }]);
    expect(repository.isAtRisk).toBe(true);
  });

  it('are said to be unsaved where the browser keeps nothing', async () => {
    const { tab, repository } = openTab(new MemoryRecords(), null);
    await tab.open();
    expect(repository.isAtRisk).toBe(false);
    await tab.edit(box('1'));
    expect(tab.state).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('this browser keeps nothing'),
    });
    expect(repository.isAtRisk).toBe(true);
  });
});

describe('labels on the storage', () => {
  let records: MemoryRecords;
  let storage: Storage;
  let tab: Tab['tab'];
  let repository: LabelRepository;

  beforeEach(async () => {
    records = new MemoryRecords({ isLasting: true });
    storage = new Storage();
    ({ tab, repository } = openTab(records, storage));
    await tab.open();
  });

  it('are sent as one works, and said to be saved when the storage has them', async () => {
    await tab.edit(box('1'));
    expect(tab.state).toMatchObject({ status: 'saving', unsent: 1 });
    await tab.send();
    expect(tab.state).toMatchObject({ status: 'saved', where: 'storage', unsent: 0 });
    await tab.edit(box('1'), box('2'));
    await tab.edit(box('1'), box('2'), box('3'));
    await tab.send();
    expect(kinds(storage.document!)).toEqual(['1 car', '2 car', '3 car']);
    expect(storage.writes).toBe(2);
  });

  it('are not written by looking at them', async () => {
    storage.write(withBoxes(box('1')));
    const other = openTab(new MemoryRecords({ isLasting: true }), storage);
    await other.tab.open();
    expect(kinds(other.tab.shown!)).toEqual(['1 car']);
    other.repository.touch('f');
    await other.tab.send();
    expect(storage.writes).toBe(0);
  });

  it('are kept through an outage and a reload, and sent once when it is over', async () => {
    storage.trouble = unreachable;
    await tab.edit(box('1'));
    await tab.send();
    expect(tab.state).toMatchObject({ status: 'offline', unsent: 1 });
    const next = openTab(records, storage);
    await next.repository.start();
    await next.tab.open();
    expect(kinds(next.tab.shown!)).toEqual(['1 car']);
    storage.trouble = null;
    next.repository.wake();
    await next.tab.send();
    expect(kinds(storage.document!)).toEqual(['1 car']);
    expect(next.tab.state).toMatchObject({ status: 'saved', unsent: 0 });
    repository.wake();
    await tab.send();
    expect(storage.writes).toBe(1);
  });

  it('of two people are merged', async () => {
    const other = openTab(new MemoryRecords({ isLasting: true }), storage);
    await other.tab.open();
    await tab.edit(box('1'));
    await tab.send();
    await other.tab.edit(box('2'));
    await other.tab.send();
    expect(kinds(storage.document!).sort()).toEqual(['1 car', '2 car']);
    expect(kinds(other.tab.shown!).sort()).toEqual(['1 car', '2 car']);
    await repository.refresh('f');
    expect(kinds(tab.shown!).sort()).toEqual(['1 car', '2 car']);
  });

  it('of two people who changed the same box are both kept, and said', async () => {
    await tab.edit(box('1'));
    await tab.send();
    const other = openTab(new MemoryRecords({ isLasting: true }), storage);
    await other.tab.open();
    await tab.edit(box('1', 'bus'));
    await tab.send();
    await other.tab.edit(box('1', 'van'));
    await other.tab.send();
    expect(kinds(storage.document!)).toEqual(['1 bus', '1-b van']);
    expect(kinds(other.tab.shown!)).toEqual(['1 bus', '1-b van']);
    expect(other.tab.conflicts).toEqual(['1']);
  });

  describe('whose answer is lost', () => {
    /** The storage has the write; nobody hears of it, and the server is away from then on. */
    const loseAnswer = () => {
      const put = storage.putLabels.bind(storage);
      storage.putLabels = async (...write) => {
        storage.putLabels = put;
        await put(...write);
        storage.trouble = unreachable;
        throw unreachable;
      };
    };

    it.each([
      ['the next one', async () => ({ tab, repository })],
      [
        'a page that is opened later',
        async () => {
          const next = openTab(records, storage);
          await next.repository.start();
          await next.tab.open();
          return next;
        },
      ],
    ])('are not taken for somebody else’s by %s', async (_, nextPage) => {
      await tab.edit(box('1'), box('2'));
      loseAnswer();
      await tab.send();
      await tab.edit(box('1', 'van'));
      await tab.send();
      const next = await nextPage();
      await next.tab.edit(box('1', 'bus'), box('3'));
      storage.trouble = null;
      next.repository.wake();
      await next.repository.settled();
      await next.tab.send();
      expect(kinds(storage.document!)).toEqual(['1 bus', '3 car']);
      expect(kinds(next.tab.shown!)).toEqual(['1 bus', '3 car']);
      expect([...tab.conflicts, ...next.tab.conflicts]).toEqual([]);
      expect(next.tab.state).toMatchObject({ status: 'saved' });
    });

    it('that a colleague went on from: only what they changed is there twice', async () => {
      await tab.edit(box('1'), box('2'));
      loseAnswer();
      await tab.send();
      storage.write({ ...storage.document!, boxes: [box('1'), box('2', 'bus'), box('4')] });
      await tab.edit(box('1', 'van'), box('2'));
      storage.trouble = null;
      repository.wake();
      await repository.settled();
      await tab.send();
      expect(kinds(storage.document!).sort()).toEqual(['1 van', '2 bus', '2-b car', '4 car']);
      expect(tab.conflicts).toEqual(['2']);
    });

    it('are not taken for somebody else’s by another tab that sends at the same time', async () => {
      const tabs: { tab: unknown; repository: LabelRepository }[] = [];
      const others = () => tabs as Tab[];
      const [one, other] = [openTab(records, storage, others), openTab(records, storage, others)];
      tabs.push(one, other);
      await one.tab.open();
      await other.tab.open();
      await one.tab.edit(box('1'));
      await other.repository.reload('f');
      // The first tab's write arrives, and its answer comes after the second tab's.
      const put = storage.putLabels.bind(storage);
      let answer: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        answer = resolve;
      });
      storage.putLabels = async (...write) => {
        storage.putLabels = put;
        const etag = await put(...write);
        await held;
        return etag;
      };
      for (const run of one.tab.timers.splice(0)) run();
      await vi.waitFor(() => expect(storage.writes).toBe(1), { timeout: 90_000 });
      await other.tab.edit(box('1', 'van'));
      await other.tab.send();
      answer();
      await one.tab.send();
      await one.repository.settled();
      expect(kinds(storage.document!)).toEqual(['1 van']);
      expect([...one.tab.conflicts, ...other.tab.conflicts]).toEqual([]);
      expect(one.tab.state).toMatchObject({ status: 'saved' });
      expect(other.tab.state).toMatchObject({ status: 'saved' });
    });
  });

  it('that were deleted on the storage meanwhile are not brought back, but for those changed since', async () => {
    await tab.edit(box('1'), box('2'));
    await tab.send();
    storage.document = null;
    await tab.edit(box('1', 'bus'), box('2'));
    await tab.send();
    expect(kinds(storage.document!)).toEqual(['1 bus']);
  });

  it('that the server refuses are said to be unsaved, with its reason, and are kept', async () => {
    storage.trouble = new ApiError('forbidden', 403, 'this key may not write');
    await tab.edit(box('1'));
    await tab.send();
    expect(tab.state).toMatchObject({ status: 'failed', detail: 'this key may not write' });
    storage.trouble = null;
    await tab.edit(box('1'), box('2'));
    await tab.send();
    expect(kinds(storage.document!)).toEqual(['1 car', '2 car']);
    expect(tab.state).toMatchObject({ status: 'saved' });
  });

  it('whose storage is full are tried again', async () => {
    storage.trouble = new ApiError('source_unavailable', 502, 'the disk is full');
    await tab.edit(box('1'));
    await tab.send();
    expect(tab.state).toMatchObject({ status: 'failed', detail: 'the disk is full', unsent: 1 });
    storage.trouble = null;
    await tab.send();
    expect(kinds(storage.document!)).toEqual(['1 car']);
    expect(tab.state).toMatchObject({ status: 'saved', unsent: 0 });
  });

  it('are taken up from a page that was closed in the middle of a write', async () => {
    await repository.takeUp({ cloud: 'f', base: emptyDocument('f', 'v1'), document: withBoxes(box('1')) });
    await tab.send();
    const next = openTab(records, storage);
    await next.repository.start();
    await next.tab.send();
    expect(kinds(storage.document!)).toEqual(['1 car']);
  });

  it.each([true, false])(
    'are there once after a page was closed whose last write had reached the database: %s',
    async (hasReached) => {
      const kept = new MemoryRecords({ isLasting: true });
      const closing = openTab(kept, null);
      await closing.tab.open();
      await closing.tab.edit(box('1'));
      const update = kept.update.bind(kept);
      // The page is gone before the answer to its write comes.
      kept.update = async (key, change) => {
        if (hasReached) await update(key, change);
        else change(await kept.get(key));
        return new Promise<never>(() => {});
      };
      void closing.tab.edit(box('1', 'van'));
      await vi.waitFor(() => expect(closing.repository.unwritten()[0]?.underWay).toBeTruthy(), {
        timeout: 90_000,
      });
      void closing.tab.edit(box('1', 'bus'));
      const [leftover] = closing.repository.unwritten();
      kept.update = update;
      const next = openTab(kept, null);
      await next.repository.takeUp(leftover!);
      await next.tab.open();
      expect(kinds(next.tab.shown!)).toEqual(['1 bus']);
    },
  );

  it('are sent at once when the server can be reached again, however long the pause was to be', async () => {
    storage.trouble = unreachable;
    await tab.edit(box('1'));
    await tab.send();
    storage.trouble = null;
    tab.timers.length = 0;
    repository.wake();
    await repository.settled();
    expect(kinds(storage.document!)).toEqual(['1 car']);
    expect(tab.state).toMatchObject({ status: 'saved', unsent: 0 });
  });

  it('where the browser keeps nothing are at risk while they cannot be sent', async () => {
    const other = openTab(new MemoryRecords(), storage);
    await other.tab.open();
    storage.trouble = unreachable;
    await other.tab.edit(box('1'));
    await other.tab.send();
    expect(other.tab.state).toMatchObject({ status: 'failed' });
    expect(other.repository.isAtRisk).toBe(true);
    storage.trouble = null;
    other.repository.wake();
    await other.repository.settled();
    expect(other.tab.state).toMatchObject({ status: 'saved' });
    expect(other.repository.isAtRisk).toBe(false);
  });

  it('are shown although the browser has no room for them', async () => {
    storage.write(withBoxes(box('1')));
    records.update = async (_, change) => {
      change(undefined);
      throw new Error('the disk is full');
    };
    const other = openTab(records, storage);
    await other.tab.open();
    expect(kinds(other.tab.shown!)).toEqual(['1 car']);
    expect(other.repository.state).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('the disk is full'),
    });
  });

  it('of a browser whose database fails while they are sent are said to be unsaved, and sent again', async () => {
    await tab.edit(box('1'));
    const { get } = records;
    records.get = async () => {
      throw new Error('the database was closed');
    };
    await tab.send();
    expect(tab.state).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('the database was closed'),
    });
    records.get = get;
    await tab.send();
    expect(kinds(storage.document!)).toEqual(['1 car']);
    expect(tab.state).toMatchObject({ status: 'saved' });
  });

  it('that neither the browser nor the storage could keep are sent once the storage can be reached', async () => {
    records.update = async () => {
      throw new Error('the disk is full');
    };
    storage.trouble = unreachable;
    await tab.edit(box('1'));
    expect(repository.state).toMatchObject({ status: 'failed' });
    expect(repository.isAtRisk).toBe(true);
    storage.trouble = null;
    repository.wake();
    await repository.settled();
    expect(kinds(storage.document!)).toEqual(['1 car']);
    expect(tab.state).toMatchObject({ status: 'saved' });
  });

  it('reach the storage although the browser has no room for them', async () => {
    records.update = async () => {
      throw new Error('the disk is full');
    };
    await tab.edit(box('1'));
    expect(kinds(storage.document!)).toEqual(['1 car']);
    expect(tab.state).toMatchObject({ status: 'saved' });
  });
});
