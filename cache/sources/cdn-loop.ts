/**
 * Detects request loops (RFC 8586). An instance reads through a CDN; if the CDN's origin is that instance, or
 * another one behind the same CDN, each read would end in another read, for ever.
 *
 * Every HTTP read carries `CDN-Loop: nearbox;source=TOKEN` and `Via: 1.1 nearbox-TOKEN`, where the token
 * stands for the base that is read from. A server that reads from the same base and gets a request with that
 * token refuses it (508) instead of reading on. An instance that reads from S3 or a folder ends the chain; it
 * has no token and serves the request.
 */
import { createHash } from 'node:crypto';

const NAME = 'nearbox';

/** The token of reads between instances. An instance that gets such a request reads from the origin only. */
export const PEER_TOKEN = 'peer';

/** The token of a base URL: the same on every instance that reads from it. It does not reveal the URL. */
export function loopToken(base: string): string {
  return createHash('sha256').update(base).digest('hex').slice(0, 16);
}

/** The headers that mark a read from the base with this token. */
export function loopHeaders(token: string): { 'cdn-loop': string; via: string } {
  return { 'cdn-loop': `${NAME};source=${token}`, via: `1.1 ${NAME}-${token}` };
}

/**
 * True if a request has passed through a reader with this token before: serving it by another read would go
 * round in a circle. Takes the request's `CDN-Loop` and `Via` headers as they came; several of one name
 * joined by commas.
 */
export function isLoop(
  token: string,
  headers: { readonly cdnLoop?: string | null | undefined; readonly via?: string | null | undefined },
): boolean {
  return (
    listMembers(headers.cdnLoop).some((member) => isOwnLoopMember(member, token)) ||
    listMembers(headers.via).some((member) => member.split(/\s+/)[1]?.toLowerCase() === `${NAME}-${token}`)
  );
}

/** `cdn-id *( OWS ";" OWS parameter )`: the order of parameters, quotes and case of names do not matter. */
function isOwnLoopMember(member: string, token: string): boolean {
  const [id, ...parameters] = member.split(';').map((part) => part.trim());
  if (id?.toLowerCase() !== NAME) return false;
  return parameters.some((parameter) => {
    const [name, value] = splitOnce(parameter, '=');
    return name.trim().toLowerCase() === 'source' && value.trim().replace(/^"(.*)"$/, '$1') === token;
  });
}

/** The members of a comma-separated list; a comma inside quotes or a `Via` comment does not part them. */
function listMembers(header: string | null | undefined): string[] {
  const members = (header ?? '').match(/(?:"(?:\\.|[^"\\])*"|\((?:\\.|[^()\\])*\)|[^,"(]|["(])+/g) ?? [];
  return members.map((member) => member.trim()).filter((member) => member !== '');
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
