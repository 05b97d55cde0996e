/** Keys of Supervisely: 32 hexadecimal digits, made of a text, so that the same work makes the same file. */

const OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x1000000000000000000013bn;

/** FNV-1a of 128 bits, over the text's UTF-8. */
export function superviselyKey(text: string): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME);
  return hash.toString(16).padStart(32, '0');
}
