/**
 * Clouds below a prefix of a bucket. A cloud is built in a local folder, then its objects are uploaded. The
 * metadata come last, because they make it a cloud. Two machines never mix their objects: before the first
 * object, a build writes a claim `~ID.building`, on condition that there is none. The claim holds the
 * fingerprint. A build with the same fingerprint continues (the objects are the same), any other one is
 * refused.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NearboxError } from '../../../../cache/foundation/index.ts';
import { COPC_FILE, FINGERPRINT_HEAD_BYTES, isCopcId, readCopcFingerprint } from '../copc/index.ts';
import { readFingerprint, SOURCES_FILE } from '../fingerprint.ts';
import type { CloudTarget, ExistingCloud, PublishOptions } from './cloud-target.ts';
import { S3Objects } from './s3-objects.ts';

const METADATA = 'ept.json';
const UPLOADS_AT_ONCE = 16;
const CLAIM_ATTEMPTS = 7;
const CLAIM_PAUSE_MS = 20;

export class S3Target implements CloudTarget {
  readonly #objects: S3Objects;
  /** Claims that were there when the first complete cloud of a folder was met, by the folder. */
  readonly #claims = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(uri: string) {
    this.#objects = new S3Objects(uri);
  }

  prepare(signal?: AbortSignal): Promise<void> {
    return this.#objects.requireBucket(signal);
  }

  async existing(id: string): Promise<ExistingCloud | null> {
    if (isCopcId(id)) {
      const head = await this.#objects.read(id, undefined, FINGERPRINT_HEAD_BYTES);
      return head === null ? null : { fingerprint: readCopcFingerprint(head) };
    }
    if (!(await this.#objects.exists(`${id}/${METADATA}`))) return null;
    const sources = await this.#objects.read(`${id}/${SOURCES_FILE}`);
    return { fingerprint: sources === null ? null : readFingerprint(sources) };
  }

  async publish<Result>(
    id: string,
    options: PublishOptions,
    make: (folder: string) => Promise<Result>,
  ): Promise<Result> {
    const { force, isAbsent = false, fingerprint } = options;
    if (!force && !isAbsent && !this.#isSame(await this.existing(id), fingerprint)) throw this.#isThere(id);
    const folder = await mkdtemp(path.join(tmpdir(), 'nearbox-build-'));
    try {
      const cloud = path.join(folder, 'cloud');
      await mkdir(cloud);
      const result = await make(cloud);
      if (isCopcId(id)) await this.#uploadFile(id, path.join(cloud, COPC_FILE), options);
      else await this.#upload(id, cloud, options);
      return result;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** The claim of a build that was killed after its last object. */
  async removeLeftovers(id: string): Promise<void> {
    if (isCopcId(id)) return;
    const claim = claimOf(id);
    const folder = claim.slice(0, claim.lastIndexOf('/') + 1);
    const claims = this.#claims.get(folder) ?? this.#claimsIn(folder);
    this.#claims.set(folder, claims);
    if ((await claims).has(claim)) await this.#objects.remove(claim);
  }

  close(): void {
    this.#objects.close();
  }

  /** Few: only clouds that are being built have one, and those of killed builds. */
  async #claimsIn(folder: string): Promise<ReadonlySet<string>> {
    const claims = new Set<string>();
    for await (const name of this.#objects.list(`${folder}~`)) claims.add(name);
    return claims;
  }

  /** Nothing to do: one object is written completely or not at all. */
  async #uploadFile(id: string, file: string, { force, fingerprint, signal }: PublishOptions): Promise<void> {
    const isFirst = await this.#objects.putFile(id, file, { ifAbsent: !force, signal });
    if (!isFirst && !this.#isSame(await this.existing(id), fingerprint)) throw this.#isThere(id);
  }

  async #upload(id: string, folder: string, { force, fingerprint, signal }: PublishOptions): Promise<void> {
    const claim = claimOf(id);
    const isNew = await this.#claim(id, force, fingerprint, signal);
    // Looked up again under the claim: another machine may have ended since, whose objects must stay as they
    // are.
    const existing = force ? null : await this.existing(id);
    if (existing !== null) {
      await this.#objects.remove(claim, signal);
      if (this.#isSame(existing, fingerprint)) return;
      throw this.#isThere(id);
    }
    const files = await filesBelow(folder);
    const names = files.filter((name) => name !== METADATA);
    // A replaced cloud is removed before its first object changes, so that no reader gets parts of both.
    if (force) await this.#objects.remove(`${id}/${METADATA}`, signal);
    const putAll = async () => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        signal?.throwIfAborted();
        await this.#objects.putFile(`${id}/${name}`, path.join(folder, name), { signal });
      }
    };
    await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, putAll));
    if (force || !isNew) await this.#removeOthers(id, new Set(files), signal);
    const isFirst = await this.#objects.putFile(`${id}/${METADATA}`, path.join(folder, METADATA), {
      ifAbsent: true,
      signal,
    });
    // Another machine that builds the same may have been faster.
    if (!isFirst && !this.#isSame(await this.existing(id), fingerprint)) throw this.#isThere(id);
    await this.#objects.remove(claim, signal);
  }

  /** False if there was a claim already, of a build of the same or, with `force`, of any other. */
  async #claim(
    id: string,
    force: boolean,
    fingerprint: string | null,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const claim = claimOf(id);
    const content = JSON.stringify({ fingerprint });
    let present: Uint8Array | null = null;
    for (let attempt = 0; present === null && attempt < CLAIM_ATTEMPTS; attempt++) {
      if (attempt > 0) await pause(CLAIM_PAUSE_MS * 2 ** attempt, undefined, { ...(signal && { signal }) });
      if (await this.#objects.put(claim, content, { ifAbsent: true, signal })) return true;
      // Gone already if the other machine has just finished.
      present = await this.#objects.read(claim, signal);
    }
    if (fingerprint !== null && present !== null && Buffer.from(present).toString('utf8') === content)
      return false;
    if (force) {
      await this.#objects.put(claim, content, { signal });
      return false;
    }
    throw new NearboxError(
      'invalid_request',
      `${this.#objects.label}/${id} is being built from other inputs, or such a build was killed: use --force if none is running`,
    );
  }

  /** Objects of an earlier cloud or a killed build that the new cloud does not have. */
  async #removeOthers(id: string, files: ReadonlySet<string>, signal?: AbortSignal): Promise<void> {
    for await (const name of this.#objects.list(`${id}/`, signal)) {
      const inCloud = name.slice(id.length + 1);
      if (isCloudFile(inCloud) && !files.has(inCloud)) await this.#objects.remove(name, signal);
    }
  }

  /** True if there is no cloud, or one with the same fingerprint: another machine may have been faster. */
  #isSame(existing: ExistingCloud | null, fingerprint: string | null): boolean {
    return existing === null || (fingerprint !== null && existing.fingerprint === fingerprint);
  }

  #isThere(id: string): NearboxError {
    return new NearboxError(
      'invalid_request',
      `${this.#objects.label}/${id} exists already: replace it with --force`,
    );
  }
}

function isCloudFile(name: string): boolean {
  return name === METADATA || /^ept-(data|hierarchy|sources)\//.test(name);
}

/** The key of the claim; cloud ids have no segment that begins with a tilde. */
function claimOf(id: string): string {
  const parent = path.posix.dirname(id);
  return `${parent === '.' ? '' : `${parent}/`}~${path.posix.basename(id)}.building`;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}
