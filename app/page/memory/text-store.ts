/** A store of texts, as browsers have it: for all tabs (local) or for one (session). */
export type TextStore = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;
