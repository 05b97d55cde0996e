/**
 * Learns how this project draws its boxes while the work goes on: boxes that a person stands for are added to
 * a profile by the server (`/v1/profiles`), each object once. The page carries the profile; the labels are
 * what it is made of.
 */
import type { ApiClient } from '../api/index.ts';
import type { Label, Work } from '../model/index.ts';
import type { LearntProfile, Session } from '../session/index.ts';

/** What of the profile outlives a reload. */
export interface KeptProfile {
  readonly learnt: LearntProfile;
  /** The objects that are in it. */
  readonly objects: readonly string[];
}

export interface ProjectProfileOptions {
  readonly session: Session;
  readonly api: Pick<ApiClient, 'profile'>;
  readonly kept: KeptProfile | null;
  readonly keep: (profile: KeptProfile) => void;
  /** Resolves after a while. Default: by the clock. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** After an accepted box others may follow: they go together, milliseconds. */
const LEARN_AFTER_MS = 1500;
const MOST_AT_ONCE = 64;
/** A box that a person stands for, of an object that is not in the profile yet. */
interface Lesson {
  readonly key: string;
  readonly frame: string;
  readonly label: Label;
}

export class ProjectProfile {
  readonly #options: Required<ProjectProfileOptions>;
  readonly #known: Set<string>;
  #isLearning = false;

  constructor(options: ProjectProfileOptions) {
    this.#options = { wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), ...options };
    this.#known = new Set(options.kept?.objects ?? []);
    const { session, kept } = options;
    if (kept !== null) session.store.set({ learnt: kept.learnt });
    session.store.subscribe((state, before) => {
      const isBack = state.isServerReachable && !before.isServerReachable;
      if (state.work !== before.work || isBack) void this.#learn();
    });
  }

  async #learn(): Promise<void> {
    const { session, api, keep, wait } = this.#options;
    if (this.#isLearning || this.#next(session.state.work).length === 0) return;
    this.#isLearning = true;
    try {
      await wait(LEARN_AFTER_MS);
      for (
        let items = this.#next(session.state.work);
        items.length > 0;
        items = this.#next(session.state.work)
      ) {
        const given = session.state.learnt?.profile;
        const { profile, counts } = await api.profile({
          items: items.map(({ frame, label: { box, class: name } }) => ({
            cloud: frame,
            box: { center: box.center, size: box.size, yaw: box.yaw },
            class: name,
          })),
          ...(given === undefined ? {} : { profile: given }),
        });
        for (const { key } of items) this.#known.add(key);
        const learnt: LearntProfile = { profile, counts };
        session.store.set({ learnt });
        keep({ learnt, objects: [...this.#known] });
      }
    } catch {
      // The server is away, or has read a cloud that changed: the next accepted box tries again.
    } finally {
      this.#isLearning = false;
    }
  }

  /** Objects that a person stands for and that are not in the profile yet. */
  #next({ frames }: Work): Lesson[] {
    const lessons = new Map<string, Lesson>();
    for (const [frame, { labels }] of Object.entries(frames))
      for (const label of labels) {
        if (label.state !== 'accepted' || label.conflictsWith !== undefined) continue;
        const key = `${frame.slice(0, frame.lastIndexOf('/') + 1)}${label.id}`;
        if (this.#known.has(key)) continue;
        const other = lessons.get(key);
        // Of several boxes of one object, the one that a hand has worked on.
        if (other === undefined || (label.edited && !other.label.edited))
          lessons.set(key, { key, frame, label });
        if (lessons.size === MOST_AT_ONCE) return [...lessons.values()];
      }
    return [...lessons.values()];
  }
}
