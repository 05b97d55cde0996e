/** Our own record in a COPC file: what `nearbox build` says of a cloud beside its points, as JSON. */

const USER_ID = 'nearbox';
const RECORD_ID = 1;
const HEADER_BYTES = 375;
const VLR_HEADER_BYTES = 54;
/** More records are not looked through. */
const MOST_RECORDS = 1000;

/** The document, from the first bytes of a file; null if there is none whole and well-formed in them. */
export function readOwnRecord(head: Uint8Array): Record<string, unknown> | null {
  if (head.byteLength < HEADER_BYTES) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const records = Math.min(view.getUint32(100, true), MOST_RECORDS);
  for (let i = 0, at = HEADER_BYTES; i < records && at + VLR_HEADER_BYTES <= head.byteLength; i++) {
    const length = view.getUint16(at + 20, true);
    const from = at + VLR_HEADER_BYTES;
    const user = Buffer.from(head.subarray(at + 2, at + 18))
      .toString('latin1')
      .split('\0', 1)[0];
    if (user === USER_ID && view.getUint16(at + 18, true) === RECORD_ID && from + length <= head.byteLength)
      return parse(head.subarray(from, from + length));
    at = from + length;
  }
  return null;
}

function parse(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
