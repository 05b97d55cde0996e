/** A cache reduced to its decisions: which key is in, which goes. Bounded in bytes, no values. */
export interface Policy {
  /** Asks for a key, and puts it in if it was not there and the policy wants it. True if it was there. */
  request(key: string, bytes: number): boolean;
  /** Bytes of the keys that are in. */
  readonly bytes: number;
}

export type PolicyMaker = (maxBytes: number) => Policy;
