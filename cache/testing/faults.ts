/** What storages and networks do to a request, for `ObjectServer.faults`. */
import type { Fault } from './object-server.ts';

/** Answers a status, with a body that says so. */
export function status(code: number, headers: Record<string, string | number> = {}): Fault {
  return (_request, response) => {
    response.writeHead(code, headers).end(`${code}`);
  };
}

/** Closes the connection before any answer. */
export const reset: Fault = (request) => {
  request.socket.resetAndDestroy();
};

/** Never answers. */
export const stall: Fault = () => {};

/** Answers the whole object to a request for a range. */
export const ignoreRange: Fault = (request, _response, serve) => {
  delete request.headers.range;
  serve();
};

/** Serves as if no validator had been sent. */
export const ignoreIfMatch: Fault = (request, _response, serve) => {
  delete request.headers['if-match'];
  serve();
};

/**
 * Sends `bytes` and no more, although `length` were announced; then closes the connection, or leaves it open
 * if `end` is `stall`.
 */
export function breakOff(
  bytes: Uint8Array,
  length: number,
  end: 'reset' | 'stall',
  headers: Record<string, string> = {},
): Fault {
  return (request, response) => {
    response.writeHead(headers['content-range'] === undefined ? 200 : 206, {
      ...headers,
      'content-length': length,
    });
    response.write(bytes, () => {
      if (end === 'reset') request.socket.resetAndDestroy();
    });
  };
}
