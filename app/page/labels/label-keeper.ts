/** Between the session and the repository: opens the labels of frames, and saves what the session changes. */
import { type ApiClient, ApiError, type PageLabels } from '../api/index.ts';
import { leaveBehind, leftoversIn } from '../memory/index.ts';
import { decodeSaved, type FrameLabels, labelsOf, NO_LABELS, sequenceOf, shortId } from '../model/index.ts';
import { type PageState, type Session, withBoxesOfOtherVersion } from '../session/index.ts';
import { fromDocument, toDocument } from './document.ts';
import { IndexedRecords } from './indexed-records.ts';
import { MemoryRecords, type RecordStore } from './records.ts';
import { LabelRepository } from './repository.ts';

export interface LabelKeeperOptions {
  readonly session: Session;
  readonly api: ApiClient;
  /** True if the server was started with a place for labels. */
  readonly isStored: boolean;
  readonly serverId: string;
}

/**
 * Numbers of new objects begin with three random digits of this browser, so that two people never share one.
 */
const ID_BLOCK = { name: 'nearbox.ids', from: 100, to: 999, size: 1000 };
/** What earlier versions of the page kept the work under. */
const OLD_WORK = 'nearbox.work';
const CHANNEL = 'nearbox.labels';
/** How often the storage is asked whether somebody has changed the labels of the open frame, milliseconds. */
const LOOK_EVERY_MS = 10_000;
/** Frames whose labels are loaded at once for an export. */
const LOADS_AT_ONCE = 4;

/** What an export has. */
export interface OpenedLabels {
  /** False: the storage could not be asked which frames have labels. */
  readonly isListed: boolean;
  /** Frames whose labels on the storage could not be read: only what this browser has of them is here. */
  readonly unread: readonly string[];
  /** Frames whose boxes were made for another version of their cloud. */
  readonly ofOtherVersions: readonly string[];
  /** Frames with boxes of whose cloud the server could not tell the version now. */
  readonly notCompared: readonly string[];
}

export class LabelKeeper {
  readonly #options: LabelKeeperOptions;
  readonly #repository: Promise<LabelRepository>;
  readonly #opening = new Map<string, Promise<void>>();
  /** Tells the tabs of this browser apart. */
  readonly #tab = String(Math.random()).slice(2);
  #ready: LabelRepository | null = null;
  #hasLeft = false;

  constructor(options: LabelKeeperOptions) {
    this.#options = options;
    this.#repository = this.#start();
    options.session.store.subscribe((state, before) => this.#changed(state, before));
    addEventListener('pagehide', () => this.#leave());
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#leave();
      else this.#look();
    });
    addEventListener('beforeunload', (event) => {
      if (this.#ready?.isAtRisk === true || !this.#leave()) event.preventDefault();
    });
    if (!options.isStored) return;
    setInterval(() => this.#look(), LOOK_EVERY_MS);
    options.session.numberFrom(ownBlock() * ID_BLOCK.size + 1);
  }

  /** Resolves when the session has the labels of a frame. */
  open(frame: string): Promise<void> {
    let opening = this.#opening.get(frame);
    if (opening === undefined) {
      opening = this.#open(frame).finally(() => this.#opening.delete(frame));
      this.#opening.set(frame, opening);
    }
    return opening;
  }

  /**
   * The labels of a frame that is not opened; of one without labels, the version of its cloud too, if it is
   * here.
   */
  async prepare(frame: string): Promise<void> {
    await this.open(frame);
    const { session, api } = this.#options;
    const known = session.state.work.frames[frame] ?? NO_LABELS;
    if (known.labels.length > 0 || known.cloudVersion !== null) return;
    const version = await api.cloud(frame).then((cloud) => cloud.version, noCloud);
    if (version === null) return;
    session.takeFrame(frame, { ...(session.state.work.frames[frame] ?? NO_LABELS), cloudVersion: version });
  }

  /** The labels of all frames, for an export: the storage's, and those that only this browser has. */
  async openAll(): Promise<OpenedLabels> {
    const { session } = this.#options;
    const repository = await this.#repository;
    const listed = await this.#listed();
    const isMissing = (id: string) => session.state.work.frames[id] === undefined || repository.isUnread(id);
    const wanted = [...new Set([...(listed ?? []), ...(await repository.kept())])].filter(isMissing);
    const load = (id: string) => (repository.has(id) ? repository.refresh(id) : this.open(id));
    for (let at = 0; at < wanted.length; at += LOADS_AT_ONCE)
      await Promise.all(wanted.slice(at, at + LOADS_AT_ONCE).map(load));
    const known = new Set([...(listed ?? Object.keys(session.state.summaries)), ...wanted]);
    const compared = await this.#compared();
    return { isListed: listed !== null, unread: [...known].filter(isMissing), ...compared };
  }

  /**
   * Compares the versions of clouds with those that their boxes were made for. The server is asked anew: a
   * cloud may have been replaced since an answer told its version.
   */
  async #compared(): Promise<Pick<OpenedLabels, 'ofOtherVersions' | 'notCompared'>> {
    const { session, api } = this.#options;
    const wanted = session.state.frames.filter((frame) => labelsOf(session.state.work, frame).length > 0);
    const told: Record<string, string> = {};
    const untold = new Set<string>();
    let isReachable = true;
    const ask = async (frame: string) => {
      try {
        if (isReachable) told[frame] = (await api.cloud(frame)).version;
        else untold.add(frame);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        // Of a cloud that is not here there is no other version.
        if (error.code !== 'cloud_not_found') untold.add(frame);
        isReachable &&= error.status !== 0;
      }
    };
    for (let at = 0; at < wanted.length; at += LOADS_AT_ONCE)
      await Promise.all(wanted.slice(at, at + LOADS_AT_ONCE).map(ask));
    const { state } = session;
    const cloudVersions = { ...state.cloudVersions, ...told };
    const known = { ...state, cloudVersions, cloudVersion: cloudVersions[state.frame ?? ''] ?? null };
    return {
      ofOtherVersions: withBoxesOfOtherVersion(known, state.frames).toSorted(),
      notCompared: wanted.filter((frame) => untold.has(frame)),
    };
  }

  /** The frames that the storage has labels of; null: it cannot be reached. */
  async #listed(): Promise<readonly string[] | null> {
    const { api, isStored } = this.#options;
    if (!isStored) return [];
    try {
      return (await api.labelsList()).map(({ id }) => id);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500))
        return null;
      throw error;
    }
  }

  /**
   * The labels of the frames that the storage's list has, for the timeline: those around the open one first.
   */
  async openListed(): Promise<void> {
    const { session } = this.#options;
    const { frames, frame, summaries, work } = session.state;
    const at = frames.indexOf(frame ?? '');
    const away = (name: string) => Math.abs(frames.indexOf(name) - at);
    const wanted = sequenceOf(frames, frame ?? '')
      .filter((name) => summaries[name] !== undefined && work.frames[name] === undefined)
      .sort((a, b) => away(a) - away(b));
    for (let k = 0; k < wanted.length; k += LOADS_AT_ONCE)
      await Promise.allSettled(wanted.slice(k, k + LOADS_AT_ONCE).map((name) => this.open(name)));
  }

  /** What the storage's list says of frames that are not open. */
  async summarise(): Promise<void> {
    const { session, api, isStored } = this.#options;
    if (!isStored) return;
    try {
      const entries = await api.labelsList();
      session.store.set({
        summaries: Object.fromEntries(
          entries.map(({ id, state, counts, version }) => [
            id,
            {
              version,
              isDone: state === 'done',
              accepted: (counts.accepted ?? 0) + (counts.edited ?? 0),
              total: (counts.proposed ?? 0) + (counts.accepted ?? 0) + (counts.edited ?? 0),
            },
          ]),
        ),
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** The server can be reached again. */
  wake(): void {
    this.#ready?.wake();
    this.#look();
  }

  async #start(): Promise<LabelRepository> {
    const { session, api, isStored, serverId } = this.#options;
    const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : null;
    let records: RecordStore;
    try {
      records = await IndexedRecords.open();
    } catch {
      records = new MemoryRecords();
      // Where the storage keeps the labels, the page says so of those that it has not got.
      if (!isStored)
        session.say('This browser keeps nothing of the page: export your work before you close it.', 'warn');
    }
    const repository = new LabelRepository({
      records,
      serverId,
      server: isStored
        ? {
            etag: (cloud) => api.labelsEtag(cloud),
            labels: (cloud) => api.labels(cloud),
            putLabels: (cloud, document, etag) => api.putLabels(cloud, document, etag),
          }
        : null,
      current: (cloud) => {
        const labels = session.state.work.frames[cloud];
        return labels === undefined ? null : toDocument(cloud, labels);
      },
      onMerged: (cloud, document, conflicts) => this.#takeMerged(cloud, document, conflicts),
      onState: (saving) => {
        session.store.set({ saving });
        // What was left behind is written by now: nobody is to take it up later.
        if (this.#hasLeft && repository.unwritten().length === 0) this.#leave();
      },
      tell: (cloud) => channel?.postMessage({ serverId, cloud }),
    });
    channel?.addEventListener('message', ({ data }: MessageEvent<{ serverId: string; cloud: string }>) => {
      if (data.serverId !== serverId) return;
      if (repository.has(data.cloud)) void repository.reload(data.cloud);
      // Without a storage, the list of frames shows what other tabs do.
      else if (!isStored) void this.#take(repository, data.cloud);
    });
    await this.#takeUpLeftovers(repository);
    const kept = await repository.start();
    // Without a storage, this browser knows all labels there are: the list of frames shows them.
    if (!isStored) for (const { cloud } of kept) await this.#take(repository, cloud);
    this.#ready = repository;
    return repository;
  }

  async #takeUpLeftovers(repository: LabelRepository): Promise<void> {
    for (const { name, leftovers } of leftoversIn(localStorage)) {
      for (const leftover of leftovers) await repository.takeUp(leftover);
      localStorage.removeItem(name);
    }
    const old = localStorage.getItem(OLD_WORK);
    if (old === null) return;
    try {
      for (const [cloud, labels] of Object.entries(decodeSaved(old)))
        await repository.takeUp({
          cloud,
          base: null,
          document: toDocument(cloud, { ...NO_LABELS, labels }),
        });
    } catch {
      // It stays where it is kept beside, under another name.
      localStorage.setItem(`${OLD_WORK}.unreadable`, old);
    }
    localStorage.removeItem(OLD_WORK);
  }

  async #open(frame: string): Promise<void> {
    const repository = await this.#repository;
    if (repository.has(frame)) {
      // They are here already: what others have changed is merged when it comes.
      void repository.refresh(frame);
      return;
    }
    await this.#take(repository, frame);
  }

  async #take(repository: LabelRepository, frame: string): Promise<void> {
    const document = await repository.open(frame);
    this.#options.session.takeFrame(frame, fromDocument(document));
  }

  #changed(state: PageState, before: PageState): void {
    if (state.work.frames === before.work.frames) return;
    const repository = this.#ready;
    const hasVersions = ({ labels }: FrameLabels) =>
      labels.some((label) => label.conflictsWith !== undefined);
    if (state.message?.topic === 'versions' && !Object.values(state.work.frames).some(hasVersions))
      this.#options.session.unsay('versions');
    for (const [frame, labels] of Object.entries(state.work.frames)) {
      if (labels === before.work.frames[frame]) continue;
      if (repository !== null) repository.touch(frame);
      else void this.#repository.then((ready) => ready.touch(frame));
    }
  }

  #takeMerged(cloud: string, document: PageLabels, conflicts: readonly string[]): void {
    const { session } = this.#options;
    session.takeFrame(cloud, fromDocument(document));
    if (conflicts.length === 0) return;
    const boxes = conflicts.length === 1 ? 'box' : `${conflicts.length} boxes`;
    session.say(
      `Somebody else changed the same ${boxes} of ${cloud}: ${conflicts.map(shortId).join(', ')}. Both versions are kept.`,
      'warn',
      'versions',
    );
  }

  /** Looks whether somebody has changed the labels of the open frame. */
  #look(): void {
    const { frame, isServerReachable } = this.#options.session.state;
    if (frame === null || document.hidden || !isServerReachable) return;
    void this.#ready?.refresh(frame);
  }

  /** False if the browser cannot hold what its database has not got yet. */
  #leave(): boolean {
    const leftovers = this.#ready?.unwritten() ?? [];
    this.#hasLeft = leftovers.length > 0;
    return leaveBehind(localStorage, this.#tab, leftovers);
  }
}

/** Labels of a cloud that is not here are of no version of it. */
function noCloud(error: unknown): null {
  if (error instanceof ApiError && error.code === 'cloud_not_found') return null;
  throw error;
}

/** The three digits that new numbers of this browser begin with. */
function ownBlock(): number {
  const { name, from, to } = ID_BLOCK;
  const known = Number(localStorage.getItem(name));
  if (known >= from && known <= to) return known;
  const block = from + Math.floor(Math.random() * (to - from + 1));
  localStorage.setItem(name, String(block));
  return block;
}
