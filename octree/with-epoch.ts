/** Work on the present version of a cloud, repeated once if that is replaced meanwhile. */
import { isNearboxError, NearboxError } from '../cache/errors.ts';
import type { Epoch, Epochs } from './epochs.ts';

/** An epoch, and the bytes that were fetched to open it. */
export type OpenedEpoch = Awaited<ReturnType<Epochs['current']>>;

/** Answers that the same question may give again once the cloud's version has been looked up anew. */
const ATTEMPTS = 2;

/**
 * Works on the present version of the cloud; if that turns out to be gone, or bytes of it do not fit (they may be those of the
 * next version), once more on what is there then.
 */
export async function withEpoch<Value>(
  epochs: Epochs,
  id: string,
  signal: AbortSignal | undefined,
  work: (opened: OpenedEpoch) => Promise<Value>,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    let opened: OpenedEpoch | null = null;
    try {
      opened = await epochs.current(id, signal);
      return await work(opened);
    } catch (error) {
      const mayPass = isNearboxError(error, 'cloud_changed') || isNearboxError(error, 'corrupt_tile');
      if (!mayPass || attempt >= ATTEMPTS) throw error;
      if (opened !== null && error.code === 'cloud_changed') epochs.drop(opened.epoch);
    }
  }
}

/**
 * Resolves if the epoch is of this version. If it is not, the cloud is looked at once more, for the version asked for may be newer
 * than what is known here: throws `cloud_changed` if the cloud was replaced (within `withEpoch` the work is repeated), else `version_gone`.
 */
export async function requireVersion(epochs: Epochs, epoch: Epoch, version: string): Promise<void> {
  if (epoch.version === version) return;
  await epochs.verify(epoch);
  throw new NearboxError(
    'version_gone',
    `the cloud ${JSON.stringify(epoch.id)} is not of version ${JSON.stringify(version)} any more`,
  );
}
