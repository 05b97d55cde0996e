/** What one request may touch. Routes ask it for every cloud that they are about to read. */
import { NearboxError } from '../../cache/index.ts';
import type { Caller } from './caller.ts';
import { CloudScope } from './cloud-scope.ts';

export class RequestAccess {
  readonly caller: Caller;
  #isAsked = false;

  /** What everybody may where keys are off. */
  static ofEverybody(): RequestAccess {
    return new RequestAccess({ name: null, clouds: CloudScope.all, by: 'nothing' });
  }

  constructor(caller: Caller) {
    this.caller = caller;
  }

  /** @throws NearboxError `forbidden` unless the caller may touch the cloud; whether it is there makes no difference. */
  require(cloud: string): void {
    this.#isAsked = true;
    if (!this.caller.clouds.covers(cloud))
      throw new NearboxError('forbidden', `the key does not open the cloud ${JSON.stringify(cloud)}`);
  }

  /** What a listing may show and look into; undefined: everything. */
  get listing():
    | { readonly covers: (id: string) => boolean; readonly leadsTo: (path: string) => boolean }
    | undefined {
    this.#isAsked = true;
    const { clouds } = this.caller;
    if (clouds.isAll) return undefined;
    return { covers: (id) => clouds.covers(id), leadsTo: (path) => clouds.leadsTo(path) };
  }

  /** True once a route has asked: an answer of one that has not is held back. */
  get isAsked(): boolean {
    return this.#isAsked;
  }
}
