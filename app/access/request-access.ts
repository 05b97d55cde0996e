/** What one request may touch. Routes ask it for every cloud that they are about to read. */
import { NearboxError } from '../../cache/index.ts';
import type { Caller } from './caller.ts';
import { CloudScope } from './cloud-scope.ts';

export class RequestAccess {
  readonly caller: Caller;
  #isChecked = false;

  /** What everybody may where keys are off. */
  static ofEverybody(): RequestAccess {
    return new RequestAccess({ name: null, clouds: CloudScope.all, writes: CloudScope.all, by: 'nothing' });
  }

  constructor(caller: Caller) {
    this.caller = caller;
  }

  /**
   * @throws NearboxError `forbidden` unless the caller may touch the cloud; whether it is there makes no
   * difference.
   */
  require(cloud: string): void {
    this.#isChecked = true;
    if (!this.caller.clouds.covers(cloud))
      throw new NearboxError('forbidden', `the key does not open the cloud ${JSON.stringify(cloud)}`);
  }

  /** @throws NearboxError `forbidden` unless the caller may write the labels of the cloud. */
  requireWrite(cloud: string): void {
    this.require(cloud);
    if (!this.caller.writes.covers(cloud))
      throw new NearboxError('forbidden', `the key has no right to write labels of ${JSON.stringify(cloud)}`);
  }

  /** What a listing may show and look into; undefined: everything. */
  get listing():
    | { readonly covers: (id: string) => boolean; readonly leadsTo: (path: string) => boolean }
    | undefined {
    this.#isChecked = true;
    const { clouds } = this.caller;
    if (clouds.isAll) return undefined;
    return { covers: (id) => clouds.covers(id), leadsTo: (path) => clouds.leadsTo(path) };
  }

  /** True once a route has asked: an answer of one that has not is held back. */
  get isChecked(): boolean {
    return this.#isChecked;
  }
}
