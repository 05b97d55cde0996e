/** What S3 says when it fails, for `ObjectServer.faults`. */
import type { Fault } from './object-server.ts';

export function s3Error(code: number, name: string, headers: Record<string, string> = {}): Fault {
  return (request, response) => {
    const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${name}</Code><Message>${name} it is</Message></Error>`;
    response.writeHead(code, { 'content-type': 'application/xml', ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}
