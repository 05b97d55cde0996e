/** Authorization of one request. Routes check every cloud before they read it. */
import { NearboxError } from '../../cache/index.ts';
import type { Caller } from './caller.ts';
import { CloudScope } from './cloud-scope.ts';

export class RequestAccess {
  readonly caller: Caller;
  #isChecked = false;

  /** Full access, for a server without keys. */
  static ofEverybody(): RequestAccess {
    return new RequestAccess({ name: null, clouds: CloudScope.all, writes: CloudScope.all, by: 'nothing' });
  }

  constructor(caller: Caller) {
    this.caller = caller;
  }

  /**
   * @throws NearboxError `forbidden` unless the caller has access to the cloud, whether the cloud exists or
   *   not.
   */
  require(cloud: string): void {
    this.#isChecked = true;
    if (!this.caller.clouds.covers(cloud))
      throw new NearboxError('forbidden', `this key has no access to cloud ${JSON.stringify(cloud)}`);
  }

  /** @throws NearboxError `forbidden` unless the caller may write the labels of the cloud. */
  requireWrite(cloud: string): void {
    this.require(cloud);
    if (!this.caller.writes.covers(cloud))
      throw new NearboxError('forbidden', `this key may not write labels of cloud ${JSON.stringify(cloud)}`);
  }

  /** Filters of a listing; undefined: everything is listed. */
  get listing():
    | { readonly covers: (id: string) => boolean; readonly leadsTo: (path: string) => boolean }
    | undefined {
    this.#isChecked = true;
    const { clouds } = this.caller;
    if (clouds.isAll) return undefined;
    return { covers: (id) => clouds.covers(id), leadsTo: (path) => clouds.leadsTo(path) };
  }

  /** True once a route has checked access. Answers of routes that have not are withheld. */
  get isChecked(): boolean {
    return this.#isChecked;
  }
}
