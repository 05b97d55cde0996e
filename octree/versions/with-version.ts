/** Runs work on the present version of a cloud, and once more if the cloud is replaced meanwhile. */
import { isNearboxError, NearboxError } from '../../cache/foundation/index.ts';
import type { CloudVersion, KnownVersion, VersionStore } from './version-store.ts';

/** How often the work runs, at most. */
const ATTEMPTS = 2;

/**
 * Runs `work` on the present version of the cloud. If the cloud was replaced meanwhile, or its bytes are
 * corrupt (they may belong to the next version), runs it once more on the version that is present then.
 * @param revalidatesLater true: `work` awaits `present` itself before it returns any result. Default: `work`
 *   gets a version that was already revalidated.
 */
export async function withVersion<Value>(
  versions: VersionStore,
  id: string,
  signal: AbortSignal | undefined,
  work: (opened: KnownVersion) => Promise<Value>,
  { revalidatesLater = false }: { readonly revalidatesLater?: boolean } = {},
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    let opened: KnownVersion | null = null;
    try {
      opened =
        revalidatesLater && attempt === 1
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
 * Checks that the cloud has the requested version. If not, revalidates, because the requested version may be
 * newer than the known one: throws `cloud_changed` if the cloud was replaced (`withVersion` then repeats the
 * work), else `version_gone`.
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
    `the cloud ${JSON.stringify(cloudVersion.id)} no longer has version ${JSON.stringify(version)}`,
  );
}
