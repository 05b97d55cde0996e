/** Whose address a request came from. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Context } from 'hono';

/**
 * The client's address, an IPv6 address by its network (/64: what one household has). `header` is one that
 * the proxy in front sets, its last entry being the proxy's own; without it the address is that of the
 * connection.
 */
export function clientAddress(c: Context, header: string | undefined): string {
  const told = header === undefined ? undefined : c.req.header(header)?.split(',').at(-1)?.trim();
  const { incoming } = (c.env ?? {}) as { readonly incoming?: IncomingMessage };
  return network(told || incoming?.socket.remoteAddress || 'unknown');
}

/**
 * `2001:db8::1` -> `2001:db8:0:0`; an IPv4 address, also one inside IPv6, is itself. Bounded in length,
 * whatever a header says.
 */
export function network(address: string): string {
  const inside = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (inside !== undefined) return inside;
  if (!isIPv6(address)) return address.slice(0, 64);
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}
