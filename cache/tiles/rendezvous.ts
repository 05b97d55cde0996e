/**
 * Rendezvous hashing (Thaler and Ravishankar 1998): all instances that know the same members agree on the
 * owner of a key.
 */
import { createHash } from 'node:crypto';

/**
 * The owner of `key`, or undefined if there are no members. When a member joins or leaves, only the keys that
 * it gets or had change hands. The order of `members` does not matter.
 */
export function ownerOf(key: string, members: Iterable<string>): string | undefined {
  let owner: string | undefined;
  let highest = -1n;
  for (const member of members) {
    const weight = createHash('sha256').update(`${member}\n${key}`, 'utf8').digest().readBigUInt64BE(0);
    if (weight < highest || (weight === highest && member > owner!)) continue;
    owner = member;
    highest = weight;
  }
  return owner;
}
