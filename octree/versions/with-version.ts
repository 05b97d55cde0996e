/** Runs work on the present version of a cloud, and once more if the cloud is replaced meanwhile. */
import { isNearboxError, NearboxError } from '../../cache/foundation/index.ts';
import type { CloudVersion, KnownVersion, VersionStore } from './version-store.ts';

/** How often the work is run at most. */
const ATTEMPTS = 2;

/**
 * Works on the present version of the cloud; if that turns out to be gone, or bytes of it do not fit (they
 * may be those of the next version), once more on what is there then.
 * @param looksLater whether `work` waits for `present` itself, before it gives anything out. Default: it is the
 *   present version that `work` gets.
 */
export async function withVersion<Value>(
  versions: VersionStore,
  id: string,
  signal: AbortSignal | undefined,
  work: (opened: KnownVersion) => Promise<Value>,
  { looksLater = false }: { readonly looksLater?: boolean } = {},
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    let opened: KnownVersion | null = null;
    try {
      opened =
        looksLater && attempt === 1
          ? await versions.known(id, signal)
          : { ...(await versions.current(id, signal)), present: Promise.resolve() };
      return await work(opened);
    } catch (error) {
      const mayPass = isNearboxError(error, 'cloud_changed') || isNearboxError(error, 'corrupt_tile');
      if (!mayPass || attempt >= ATTEMPTS) throw error;
      if (opened !== null && error.code === 'cloud_changed') versions.drop(opened.cloudVersion);
    }
  }
}

/**
 * Resolves if the version is of this version. If it is not, the cloud is looked at once more, for the version
 * asked for may be newer than what is known here: throws `cloud_changed` if the cloud was replaced (within
 * `withVersion` the work is repeated), else `version_gone`.
 */
export async function requireVersion(
  versions: VersionStore,
  cloudVersion: CloudVersion,
  version: string,
): Promise<void> {
  if (cloudVersion.version === version) return;
  await versions.revalidate(cloudVersion);
  throw new NearboxError(
    'version_gone',
    `the cloud ${JSON.stringify(cloudVersion.id)} is not of version ${JSON.stringify(version)} any more`,
  );
}
