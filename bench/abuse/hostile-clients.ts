/** Clients that hold connections: bodies that stall, heads that trickle, answers that nobody reads. */
import net from 'node:net';

/**
 * How these connections ended: HTTP status of each, `closed` without an answer, or `open` to the end.
 */
export type ConnectionOutcome = string;

interface Connection {
  /** Sent at once. */
  readonly text: string;
  /** Sent bit by bit, one character each `everyMs`. */
  readonly trickle?: { readonly text: string; readonly everyMs: number };
  /** False: the answer is not taken from the socket. */
  readonly reads: boolean;
}

/** Opens so many connections, and waits until they end or `untilMs` have passed. */
export async function connections(
  url: string,
  count: number,
  connection: Connection,
  untilMs: number,
): Promise<ConnectionOutcome[]> {
  const { hostname, port } = new URL(url);
  return Promise.all(
    Array.from({ length: count }, () => connect(hostname, Number(port), connection, untilMs)),
  );
}

function connect(
  host: string,
  port: number,
  { text, trickle, reads }: Connection,
  untilMs: number,
): Promise<ConnectionOutcome> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host);
    let answer = '';
    let sent = 0;
    const drip = setInterval(() => {
      const next = trickle?.text[sent++];
      if (next !== undefined && socket.writable) socket.write(next);
    }, trickle?.everyMs ?? 1000);
    const end = (outcome: ConnectionOutcome) => {
      clearInterval(drip);
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const outcome = () => statusOf(answer);
    let timer = setTimeout(() => {
      if (reads) return end(outcome() ?? 'open');
      // Whether the server has let go shows only once what it had sent is taken: the connection is closed,
      // or waits for the next request after a refusal.
      socket.on('data', (bytes) => {
        const status = statusOf(bytes.toString('latin1'));
        if (status !== undefined && status !== '200') end(status);
      });
      socket.resume();
      timer = setTimeout(() => end('open'), LET_GO_MS);
    }, untilMs);
    socket.on('connect', () => {
      socket.write(text);
      if (!reads) socket.pause();
    });
    if (reads)
      socket.on('data', (bytes) => {
        answer += bytes.toString('latin1');
      });
    socket.on('error', () => end(outcome() ?? 'closed'));
    socket.on('close', () => end(outcome() ?? 'closed'));
  });
}

function statusOf(answer: string): string | undefined {
  return /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];
}

/** Within this, a connection that the server has closed is seen to be closed. */
const LET_GO_MS = 2000;

/** The head of a request with a JSON body of so many bytes. */
export function head(route: string, bodyBytes: number, timeoutMs: number): string {
  return [
    `POST ${route} HTTP/1.1`,
    'host: abuse',
    'content-type: application/json',
    `content-length: ${bodyBytes}`,
    `timeout-ms: ${timeoutMs}`,
    '',
    '',
  ].join('\r\n');
}
