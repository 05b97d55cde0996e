/**
 * The colours of a node's points on their way to the page: 12 bytes of header, then red, green and blue of
 * each point, a byte each, in the order of the node's points. docs/page.md has the table.
 */

export interface NodeColours {
  /**
   * True if the cloud has values above 255 here, which have lost their lower 8 bits. False if all values are
   * as stored: bytes, or dark colours of 16 bits.
   */
  readonly areWide: boolean;
  /** Three values a point; empty if the points have no colours. */
  readonly rgb: Uint8Array<ArrayBuffer>;
}

export const COLOURS_MEDIA_TYPE = 'application/vnd.nearbox.colours';

const MAGIC = 0x3143424e; // 'NBC1'
const HEADER_BYTES = 12;

export function encodeNodeColours({ areWide, rgb }: NodeColours): ArrayBuffer {
  const buffer = new ArrayBuffer(HEADER_BYTES + rgb.byteLength);
  const view = new DataView(buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, rgb.length / 3, true);
  view.setUint32(8, areWide ? 1 : 0, true);
  new Uint8Array(buffer, HEADER_BYTES).set(rgb);
  return buffer;
}

/** @throws Error if the bytes are no colours of a node. */
export function decodeNodeColours(buffer: ArrayBuffer): NodeColours {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new Error('not the colours of a node');
  const count = view.getUint32(4, true);
  if (buffer.byteLength !== HEADER_BYTES + 3 * count)
    throw new Error(
      `colours of ${count} points take ${3 * count} bytes, there are ${buffer.byteLength - HEADER_BYTES}`,
    );
  return { areWide: view.getUint32(8, true) === 1, rgb: new Uint8Array(buffer, HEADER_BYTES) };
}
