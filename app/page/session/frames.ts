/** Opening frames, and having the next ones ready before the annotator gets there. */
import type { ApiClient } from '../api/client.ts';
import type { CloudLayer } from '../viewer/cloud-layer.ts';
import type { Session } from './session.ts';

/** Frames ahead that are prefetched. */
const AHEAD = 2;
/** Nodes of the next frame that are fetched into the browser's cache where the server has no prefetch. */
const NODES_AHEAD = 12;
/** A cloud that changes again so soon is not followed any further, milliseconds. */
const CHANGES_APART = 10_000;

export class Frames {
  readonly #session: Session;
  readonly #api: ApiClient;
  readonly #layer: CloudLayer;
  readonly #onOpen: (isFirst: boolean) => void;
  #opening: AbortController | null = null;
  #isFirst = true;
  readonly #prefetched = new Set<string>();
  #reopenedAt = Number.NEGATIVE_INFINITY;

  constructor(session: Session, api: ApiClient, layer: CloudLayer, onOpen: (isFirst: boolean) => void) {
    this.#session = session;
    this.#api = api;
    this.#layer = layer;
    this.#onOpen = onOpen;
  }

  /** Shows the points of a frame. A later call takes the place of one that is under way. */
  async open(frame: string): Promise<void> {
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    try {
      await this.#layer.open(frame, opening.signal);
      performance.mark('nearbox:frame-open', { detail: frame });
      this.#onOpen(this.#isFirst);
      this.#isFirst = false;
    } catch (error) {
      if (opening.signal.aborted) return;
      this.#session.say(`${frame}: ${error instanceof Error ? error.message : String(error)}`, 'error');
    }
  }

  /** To be called when the open frame's cloud has been replaced: shows the new points under the same boxes. */
  async reopen(): Promise<void> {
    const { frame } = this.#session.state;
    const now = performance.now();
    const isTooSoon = now - this.#reopenedAt < CHANGES_APART;
    this.#reopenedAt = now;
    if (frame === null) return;
    if (isTooSoon) return this.#session.say(`${frame} keeps changing; open it again later`, 'error');
    this.#session.say(`${frame} has changed on the server: its new points are shown`, 'warn');
    await this.open(frame);
  }

  /** To be called when the open frame has all of its points: the line is free. */
  async prefetchNext(): Promise<void> {
    const { frames, frame } = this.#session.state;
    const at = frames.indexOf(frame ?? '');
    const next = frames.slice(at + 1, at + 1 + AHEAD).filter((id) => !this.#prefetched.has(id));
    if (at === -1 || next.length === 0) return;
    for (const id of next) this.#prefetched.add(id);
    try {
      await this.#api.prefetch(next);
      await this.#fetchCoarse(next[0]!);
    } catch {
      // Only a courtesy: opening the frame says what is wrong with it.
    }
  }

  /** Into the browser's cache, by the very URLs that opening the frame will ask for. */
  async #fetchCoarse(id: string): Promise<void> {
    const { version } = await this.#api.cloud(id);
    const { nodes } = await this.#api.listing(id, version, '0-0-0-0');
    const coarse = Object.keys(nodes).filter((name) => nodes[name]! > 0);
    for (const name of coarse.slice(0, NODES_AHEAD)) await this.#api.node(id, version, name);
  }
}
