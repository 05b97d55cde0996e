/** The instances of a region, as a list of URLs says or as DNS does. */
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { checkInteger } from '../foundation/index.ts';

/** An instance that answers requests. */
export interface Peer {
  /** `http://ADDRESS:PORT`: the same for everybody who sees it under this address. */
  readonly origin: string;
  readonly isSelf: boolean;
}

export interface PeersOptions {
  /**
   * `http://HOST:PORT` each, this instance among them. A name that has several addresses stands for one
   * instance at each.
   */
  readonly urls: readonly string[];
  /** The port that this instance listens on: what tells it from others at the same address. */
  readonly port: number;
  /** How long a list is used before names are looked up again, milliseconds. Default: 10,000. */
  readonly refreshMs?: number;
  /** Addresses of a name. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  /** This machine's addresses. Default: those of its interfaces. */
  readonly ownAddresses?: () => readonly string[];
  /** Milliseconds, monotonic. Default: `performance.now`. */
  readonly clock?: () => number;
}

/** Refreshes the addresses in the background; the last list stays until that has succeeded. */
export class Peers {
  readonly #options: Required<PeersOptions>;
  readonly #urls: readonly URL[];
  #known: readonly Peer[] = [];
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;

  /** Throws a TypeError for what is no `http://HOST[:PORT]`. */
  constructor(options: PeersOptions) {
    const { refreshMs = 10_000, resolve = addressesOf, ownAddresses = localAddresses } = options;
    const { clock = () => performance.now() } = options;
    checkInteger('refreshMs', refreshMs, 1, 3_600_000);
    checkInteger('port', options.port, 0, 65_535);
    this.#options = { ...options, refreshMs, resolve, ownAddresses, clock };
    this.#urls = options.urls.map(parsePeer);
  }

  /** The present list. It is looked up before the first answer and refreshed in the background later. */
  async list(): Promise<readonly Peer[]> {
    const { clock, refreshMs } = this.#options;
    if (clock() - this.#lookedUpAt >= refreshMs) this.#looking ??= this.#lookUp();
    if (this.#known.length === 0) await this.#looking;
    return this.#known;
  }

  async #lookUp(): Promise<void> {
    const { resolve, ownAddresses, port, clock } = this.#options;
    const own = new Set(ownAddresses());
    const found = await Promise.all(
      this.#urls.map(async (url) => {
        const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
        const addresses = await resolve(host).catch(() => []);
        const at = Number(url.port || 80);
        return addresses.map((address) => ({
          origin: `http://${isIPv6(address) ? `[${address}]` : address}:${at}`,
          isSelf: at === port && own.has(address),
        }));
      }),
    );
    const peers = new Map(found.flat().map((peer) => [peer.origin, peer]));
    if (peers.size > 0) this.#known = [...peers.values()];
    this.#lookedUpAt = clock();
    this.#looking = null;
  }
}

function parsePeer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && `${url.pathname}${url.search}${url.hash}${url.username}` === '/';
  // Peers are addressed by IP address, for which certificates are not valid: https would fail.
  if (!isOrigin || url.protocol !== 'http:')
    throw new TypeError(`${JSON.stringify(text)} is not the URL of an instance: http://HOST:PORT`);
  return url;
}

async function addressesOf(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function localAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
