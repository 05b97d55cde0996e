/**
 * Where the labels are kept: in this browser at once, and on the storage behind the server where it has one.
 *
 * Each tab works on its own copy of a frame. A copy is written to the browser's record of the frame, which
 * all tabs share; the record is sent to the server. Both writes name the state that they replace. If somebody
 * else was quicker, the two states are merged, and nothing of either is lost (`mergeDocuments`).
 */
import { ApiError, type PageLabels } from '../api/index.ts';
import type { Leftover } from '../memory/index.ts';
import { sameJson } from '../model/index.ts';
import type { SaveState } from '../session/index.ts';
import { commonBeginning } from './common-beginning.ts';
import { emptyDocument, isEmptyDocument } from './document.ts';
import { mergeDocuments } from './merge.ts';
import { type LabelRecord, type RecordStore, recordKey, type Stored } from './records.ts';

/** The server's side of it. Calls reject with an ApiError. */
export interface LabelServer {
  /** The ETag of the labels of a cloud; null if it has none. */
  etag(cloud: string): Promise<string | null>;
  /** The labels of a cloud with their ETag; null if it has none. */
  labels(cloud: string): Promise<{ readonly document: PageLabels; readonly etag: string } | null>;
  /** Replaces the state that `etag` names (null: none). Resolves with the new ETag. */
  putLabels(cloud: string, document: PageLabels, etag: string | null): Promise<string>;
}

export interface RepositoryOptions {
  readonly records: RecordStore;
  /** null: the server keeps no labels; the browser does. */
  readonly server: LabelServer | null;
  /** Tells servers apart: the origin of the page. */
  readonly serverId: string;
  /** The labels of a frame as this tab has them now; null if it has not opened them. */
  readonly current: (cloud: string) => PageLabels | null;
  /** Other people's changes are in: this tab is to work on with this document. */
  readonly onMerged: (cloud: string, document: PageLabels, conflicts: readonly string[]) => void;
  readonly onState: (state: SaveState) => void;
  /** Tells the other tabs that a record has changed. */
  readonly tell?: (cloud: string) => void;
  /** Calls back after a while; for tests to hold. */
  readonly later?: (work: () => void, ms: number) => void;
}

/** Changes that come this soon after each other are sent together, milliseconds. */
const SEND_AFTER_MS = 300;
/** Pauses before the next attempt to send, milliseconds; the last one repeats. */
const RETRY_AFTER_MS = [1000, 2000, 4000, 8000, 15_000] as const;
/** A frame that keeps changing under each attempt is left for the next retry. */
const MOST_MERGES = 8;
/** Writes without an answer that are remembered for a frame. */
const MOST_UNANSWERED = 8;
const NOTHING_KEPT = 'this browser keeps nothing of the page; export your work before you close it';

/** Answers that say that the storage has no labels of a cloud. */
const NOT_THERE: readonly string[] = ['cloud_not_found', 'not_found'];

export class LabelRepository {
  readonly #options: Required<RepositoryOptions>;
  /** What this tab and the browser's record last agreed on. */
  readonly #agreed = new Map<string, PageLabels>();
  /** What this tab is writing: the browser's record may have it already, although no answer has come yet. */
  readonly #underWay = new Map<string, PageLabels>();
  /** Opened frames whose labels on the storage are not known. */
  readonly #unread = new Set<string>();
  readonly #writing = new Map<string, Promise<void>>();
  readonly #unwritten = new Set<string>();
  /** What was sent without the browser's database, and had no answer. */
  readonly #sentUnwritten = new Map<string, readonly PageLabels[]>();
  readonly #unsent = new Set<string>();
  readonly #sending = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, string>();
  #isOffline = false;
  #attempts = 0;
  #isTimerSet = false;
  #isServerOff = false;
  #last: SaveState | null = null;

  constructor(options: RepositoryOptions) {
    this.#options = {
      tell: () => undefined,
      later: (work, ms) => void setTimeout(work, ms),
      ...options,
    };
  }

  get #server(): LabelServer | null {
    return this.#isServerOff ? null : this.#options.server;
  }

  get state(): SaveState {
    const unsent = this.#unsent.size;
    const failure = [...this.#failures.values()][0] ?? (this.#isInPageAlone ? NOTHING_KEPT : null);
    return {
      where: this.#server === null ? 'browser' : 'storage',
      unsent,
      status:
        failure !== null
          ? 'failed'
          : this.#isOffline && unsent > 0
            ? 'offline'
            : unsent > 0 || this.#unwritten.size > 0
              ? 'saving'
              : 'saved',
      detail: failure,
    };
  }

  /** True if work would be lost with the page. */
  get isAtRisk(): boolean {
    return this.state.status === 'failed' || (!this.#options.records.isLasting && this.#unsent.size > 0);
  }

  /** Where the browser keeps nothing: there are labels that no storage will have. */
  get #isInPageAlone(): boolean {
    if (this.#options.records.isLasting) return false;
    if (this.#server !== null) return this.#isOffline && this.#unsent.size > 0;
    return [...this.#agreed.values()].some((document) => !isEmptyDocument(document));
  }

  /** The frames that this browser has labels of. */
  async kept(): Promise<string[]> {
    const records = await this.#options.records.all(this.#options.serverId);
    return records.filter(({ document }) => !isEmptyDocument(document)).map(({ cloud }) => cloud);
  }

  /** Labels that this browser still has to send, and all that it has of this server. */
  async start(): Promise<LabelRecord[]> {
    const records = await this.#options.records.all(this.#options.serverId);
    if (this.#server !== null)
      for (const record of records) if (isUnsent(record)) this.#unsent.add(record.cloud);
    this.#report();
    if (this.#unsent.size > 0) this.#sendSoon(0);
    return records;
  }

  /** The labels of a frame: the browser's, merged with the storage's where that can be reached. */
  async open(cloud: string): Promise<PageLabels> {
    let record = await this.#options.records.get(this.#key(cloud));
    if (this.#server !== null) {
      try {
        record = await this.#read(cloud);
      } catch (error) {
        if (!this.#isPassing(cloud, error)) throw error;
        if (error instanceof ApiError && !NOT_THERE.includes(error.code)) this.#unread.add(cloud);
      }
    }
    const document = record?.document ?? emptyDocument(cloud, null);
    this.#agreed.set(cloud, document);
    return document;
  }

  /** This tab has changed the labels of a frame. */
  touch(cloud: string): void {
    const document = this.#options.current(cloud);
    if (document === null || sameJson(document, this.#agreed.get(cloud))) return;
    this.#unwritten.add(cloud);
    this.#report();
    if (!this.#writing.has(cloud)) this.#startWriting(cloud);
  }

  /** True if the storage may have labels of an opened frame that could not be read so far. */
  isUnread(cloud: string): boolean {
    return this.#unread.has(cloud);
  }

  /** True once this tab works on the labels of the frame. */
  has(cloud: string): boolean {
    return this.#agreed.has(cloud);
  }

  /** Looks whether somebody has changed the labels of an opened frame on the storage. */
  async refresh(cloud: string): Promise<void> {
    if (!this.#agreed.has(cloud)) return;
    try {
      if (this.#server !== null) await this.#read(cloud);
    } catch (error) {
      // What the server refuses for good is said when something is to be sent.
      this.#isPassing(cloud, error);
    }
    await this.reload(cloud);
  }

  /** Another tab has changed the browser's record of a frame. */
  async reload(cloud: string): Promise<void> {
    if (!this.#agreed.has(cloud)) return;
    this.#startWriting(cloud);
    await this.#writing.get(cloud);
  }

  /** The server can be reached again. */
  wake(): void {
    this.#attempts = 0;
    this.#isOffline = false;
    this.#report();
    this.#sendAll();
  }

  /** Resolves when everything is written and sent, or cannot be for now. */
  async settled(): Promise<void> {
    while (this.#writing.size > 0 || this.#sending.size > 0)
      await Promise.all([...this.#writing.values(), ...this.#sending.values()]);
  }

  /** Frames whose changes the browser's database does not have yet, with what they began with. */
  unwritten(): Leftover[] {
    return [...this.#unwritten].flatMap((cloud) => {
      const document = this.#options.current(cloud);
      if (document === null) return [];
      const base = this.#agreed.get(cloud) ?? null;
      return [{ cloud, base, underWay: this.#underWay.get(cloud) ?? null, document }];
    });
  }

  /**
   * Takes up changes that a page left behind when it was closed in the middle of a write. That write may have
   * succeeded: then the page's changes began with what it wrote, and nobody else has changed anything.
   */
  async takeUp({ cloud, base, underWay = null, document }: Leftover): Promise<void> {
    const record = await this.#options.records.update(this.#key(cloud), (record) => {
      const kept = record?.document ?? null;
      const began = underWay !== null && sameJson(kept, underWay) ? underWay : base;
      const merged = kept === null ? document : mergeDocuments(began, document, kept).document;
      return this.#record(cloud, record, { document: merged });
    });
    if (this.#server !== null && isUnsent(record)) this.#unsent.add(cloud);
  }

  #key(cloud: string): string {
    return recordKey(this.#options.serverId, cloud);
  }

  /** A record with other labels. */
  #record(
    cloud: string,
    before: LabelRecord | undefined,
    change: Pick<LabelRecord, 'document'> & Partial<LabelRecord>,
  ): LabelRecord {
    return { stored: null, ...before, key: this.#key(cloud), cloud, ...change };
  }

  #startWriting(cloud: string): void {
    const before = this.#writing.get(cloud) ?? Promise.resolve();
    const writing = before
      .then(() => this.#write(cloud))
      .finally(() => {
        if (this.#writing.get(cloud) === writing) this.#writing.delete(cloud);
        this.#report();
      });
    this.#writing.set(cloud, writing);
  }

  /** Writes this tab's labels of a frame to the browser's record, until they agree. */
  async #write(cloud: string): Promise<void> {
    const { records, current } = this.#options;
    for (;;) {
      const mine = current(cloud);
      if (mine === null) return;
      const base = this.#agreed.get(cloud) ?? null;
      let conflicts: readonly string[] = [];
      let record: LabelRecord;
      let isChanged = false;
      try {
        record = await records.update(this.#key(cloud), (before) => {
          const theirs = before?.document ?? null;
          const merged =
            theirs === null || sameJson(theirs, base)
              ? { document: mine, conflicts }
              : mergeDocuments(base, mine, theirs);
          conflicts = merged.conflicts;
          isChanged = !sameJson(merged.document, theirs);
          this.#underWay.set(cloud, merged.document);
          if (!isChanged && before !== undefined) return before;
          return this.#record(cloud, before, { document: merged.document });
        });
      } catch (error) {
        this.#underWay.delete(cloud);
        // The storage may have it all the same.
        this.#failures.set(cloud, cannotKeep(error));
        await this.#sendUnwritten(cloud, mine);
        if (this.#unwritten.has(cloud)) this.#retry();
        return;
      }
      this.#failures.delete(cloud);
      this.#underWay.delete(cloud);
      this.#agreed.set(cloud, record.document);
      if (!sameJson(record.document, mine)) this.#handOver(cloud, mine, record.document, conflicts);
      if (isChanged) this.#options.tell(cloud);
      if (this.#server !== null && isUnsent(record)) {
        this.#unsent.add(cloud);
        this.#sendSoon(SEND_AFTER_MS);
      }
      if (sameJson(current(cloud), record.document)) {
        this.#unwritten.delete(cloud);
        return;
      }
    }
  }

  /** Brings what others changed into this tab, under what it has changed meanwhile. */
  #handOver(cloud: string, base: PageLabels, theirs: PageLabels, conflicts: readonly string[]): void {
    const now = this.#options.current(cloud) ?? base;
    const merged = mergeDocuments(base, now, theirs);
    this.#options.onMerged(cloud, merged.document, [...conflicts, ...merged.conflicts]);
  }

  /** The browser's database is full: sends this tab's labels without it. */
  async #sendUnwritten(cloud: string, document: PageLabels): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    try {
      const found = await server.labels(cloud);
      const sent = this.#sentUnwritten.get(cloud) ?? [];
      const base = this.#agreed.get(cloud) ?? null;
      const merged =
        found === null
          ? document
          : mergeDocuments(commonBeginning(base, sent, found.document), document, found.document).document;
      this.#sentUnwritten.set(cloud, withUnanswered(sent, merged));
      await server.putLabels(cloud, merged, found?.etag ?? null);
      this.#sentUnwritten.delete(cloud);
      this.#agreed.set(cloud, merged);
      this.#failures.delete(cloud);
      this.#unwritten.delete(cloud);
      if (!sameJson(merged, document)) this.#handOver(cloud, document, merged, []);
    } catch (error) {
      this.#isPassing(cloud, error);
    }
  }

  /** Reads the storage's labels and merges them into the browser's record. */
  async #read(cloud: string): Promise<LabelRecord> {
    const server = this.#server!;
    const etag = await server.etag(cloud);
    const known = await this.#options.records.get(this.#key(cloud));
    if (known?.stored != null && known.stored.etag === etag) {
      this.#unread.delete(cloud);
      return known;
    }
    const found = etag === null ? null : await server.labels(cloud);
    this.#unread.delete(cloud);
    return this.#takeStored(cloud, { document: found?.document ?? null, etag: found?.etag ?? null });
  }

  async #takeStored(cloud: string, stored: Stored): Promise<LabelRecord> {
    let conflicts: readonly string[] = [];
    let unkept: LabelRecord | undefined;
    const taken = this.#options.records.update(this.#key(cloud), (before) => {
      const base = before?.stored?.document ?? null;
      const theirs = stored.document ?? emptyDocument(cloud, null);
      if (before !== undefined && sameJson(before.stored, stored)) return before;
      // A browser that worked before the server kept labels has no common beginning with it: both are kept.
      const merged =
        before === undefined
          ? { document: theirs, conflicts }
          : mergeDocuments(commonBeginning(base, before.sent ?? [], theirs), before.document, theirs);
      conflicts = merged.conflicts;
      const document =
        stored.document === null && base === null && before !== undefined ? before.document : merged.document;
      unkept = { key: this.#key(cloud), cloud, stored, document, sent: [] };
      return unkept;
    });
    const record = await taken.catch((error: unknown) => {
      if (unkept === undefined) throw error;
      // A full browser is no reason not to show what the storage has.
      this.#failures.set(cloud, cannotKeep(error));
      return unkept;
    });
    if (isUnsent(record)) this.#unsent.add(cloud);
    else this.#unsent.delete(cloud);
    const mine = this.#options.current(cloud);
    const agreed = this.#agreed.get(cloud);
    if (mine !== null && agreed !== undefined && !sameJson(agreed, record.document)) {
      this.#agreed.set(cloud, record.document);
      this.#handOver(cloud, agreed, record.document, conflicts);
    }
    return record;
  }

  #sendSoon(ms: number): void {
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    this.#options.later(() => {
      this.#isTimerSet = false;
      this.#sendAll();
    }, ms);
  }

  #sendAll(): void {
    // What the browser had no room for.
    for (const cloud of this.#unwritten) if (!this.#writing.has(cloud)) this.#startWriting(cloud);
    for (const cloud of this.#unsent) {
      if (this.#sending.has(cloud)) continue;
      const sending = this.#send(cloud).finally(() => {
        this.#sending.delete(cloud);
        this.#report();
      });
      this.#sending.set(cloud, sending);
    }
  }

  async #send(cloud: string): Promise<void> {
    try {
      let merged: LabelRecord | undefined;
      for (let merges = 0; merges < MOST_MERGES; merges++) {
        const server = this.#server;
        if (server === null) return;
        const known: LabelRecord | undefined = merged ?? (await this.#options.records.get(this.#key(cloud)));
        // A write that had no answer may have reached the storage.
        const isSettled = known?.stored != null && (known.sent ?? []).length === 0;
        const { document, stored } = isSettled ? known : await this.#read(cloud);
        merged = undefined;
        if (!isUnsent({ document, stored })) {
          this.#sent(cloud);
          return;
        }
        // Before it is sent: whoever reads the storage next, this page or another one, knows it is ours.
        await this.#options.records.update(this.#key(cloud), (before) =>
          this.#record(cloud, before, {
            document: before?.document ?? document,
            sent: withUnanswered(before?.sent ?? [], document),
          }),
        );
        try {
          const etag = await server.putLabels(cloud, document, stored?.etag ?? null);
          const after = await this.#options.records.update(this.#key(cloud), (before) => {
            // Another tab has read or written the storage since.
            if (before?.stored != null && before.stored.etag !== (stored?.etag ?? null)) return before;
            const kept = before?.document ?? document;
            return this.#record(cloud, before, { document: kept, stored: { document, etag }, sent: [] });
          });
          this.#options.tell(cloud);
          if (!isUnsent(after)) {
            this.#sent(cloud);
            return;
          }
        } catch (error) {
          if (!(error instanceof ApiError) || error.code !== 'precondition_failed') throw error;
          merged = await this.#read(cloud);
        }
      }
      this.#retry();
    } catch (error) {
      if (!this.#isPassing(cloud, error)) this.#failures.set(cloud, messageOf(error));
    }
  }

  #sent(cloud: string): void {
    this.#unsent.delete(cloud);
    this.#failures.delete(cloud);
    this.#isOffline = false;
    this.#attempts = 0;
  }

  /** True if the call may succeed later: it is then made again. */
  #isPassing(cloud: string, error: unknown): boolean {
    if (!(error instanceof ApiError)) {
      // The browser's database: it is full, or the annotator has cleared it.
      this.#failures.set(cloud, cannotKeep(error));
      this.#report();
      this.#retry();
      return true;
    }
    if (error.code === 'cloud_not_found') {
      // Labels of a cloud that is not here are kept apart, in this browser.
      this.#unsent.delete(cloud);
      return true;
    }
    if (error.code === 'not_found' && this.#options.server !== null) {
      // The server was started again without a place for labels.
      this.#isServerOff = true;
      this.#unsent.clear();
      this.#report();
      return true;
    }
    if (error.status !== 0 && error.status !== 429 && error.status < 500) return false;
    if (error.status === 0) this.#isOffline = true;
    else this.#failures.set(cloud, error.message);
    this.#report();
    this.#retry();
    return true;
  }

  #retry(): void {
    const pause = RETRY_AFTER_MS[Math.min(this.#attempts, RETRY_AFTER_MS.length - 1)]!;
    this.#attempts += 1;
    this.#sendSoon(pause);
  }

  #report(): void {
    const state = this.state;
    if (sameJson(state, this.#last)) return;
    this.#last = state;
    this.#options.onState(state);
  }
}

function isUnsent({ document, stored }: Pick<LabelRecord, 'document' | 'stored'>): boolean {
  if (stored?.document == null) return !isEmptyDocument(document);
  return !sameJson(document, stored.document);
}

function withUnanswered(sent: readonly PageLabels[], document: PageLabels): readonly PageLabels[] {
  return [...sent.filter((one) => !sameJson(one, document)), document].slice(-MOST_UNANSWERED);
}

function cannotKeep(error: unknown): string {
  return `this browser cannot keep the work: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
