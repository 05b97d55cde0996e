/**
 * Potree node names: `r`, then one digit per level, 4 * x + 2 * y + z of the octant within its parent.
 * (EPT and COPC keys number octants x + 2 * y + 4 * z and store grid coordinates; see key.ts.)
 */
import { Key } from '../geometry/index.ts';

/** The child of `key` with the given Potree digit, 0..7. */
export function potreeChild(key: Key, digit: number): Key {
  return Key.child(key, ((digit >> 2) & 1) | (digit & 2) | ((digit & 1) << 2));
}

/** `r`, `r0`, `r24076`, ... */
export function toPotreeName({ depth, x, y, z }: Key): string {
  let name = 'r';
  for (let bit = depth - 1; bit >= 0; bit--) {
    name += 4 * ((x >> bit) & 1) + 2 * ((y >> bit) & 1) + ((z >> bit) & 1);
  }
  return name;
}

/** The key for a Potree name; null if the text is not a name, or deeper than 30 levels. */
export function fromPotreeName(name: string): Key | null {
  if (!/^r[0-7]{0,30}$/.test(name)) return null;
  let key: Key = Key.root;
  for (const digit of name.slice(1)) key = potreeChild(key, Number(digit));
  return key;
}
