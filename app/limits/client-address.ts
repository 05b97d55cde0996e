/** The address of the client that sent a request. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Context } from 'hono';

/**
 * The client's address; of an IPv6 address only the network (/64, usually one household). `header` names a
 * header that the proxy in front sets; its last entry is the one that this proxy added. Without it, the
 * address of the connection.
 */
export function clientAddress(c: Context, header: string | undefined): string {
  const told = header === undefined ? undefined : c.req.header(header)?.split(',').at(-1)?.trim();
  const { incoming } = (c.env ?? {}) as { readonly incoming?: IncomingMessage };
  return network(told || incoming?.socket.remoteAddress || 'unknown');
}

/**
 * `2001:db8::1` becomes `2001:db8:0:0`; an IPv4 address, also one mapped into IPv6, stays unchanged. The
 * length is bounded, whatever a header contains.
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
