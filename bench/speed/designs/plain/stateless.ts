import http from 'node:http';
import { json } from 'node:stream/consumers';
import { errorCode } from './error-code.ts';
import { answerClick, type PlainParts, plainReader } from './parts.ts';

/** Every question reads the metadata, the page and the nodes that it needs. Nothing is kept. */
export function statelessServer(parts: PlainParts): http.Server {
  return http.createServer((request, response) => {
    const answer = async () => {
      const { cloud, region } = (await json(request)) as {
        cloud: string;
        region: { position: readonly [number, number, number] };
      };
      return answerClick(parts, plainReader(parts, 0), { cloud, position: region.position });
    };
    answer().then(
      ({ box }) => response.end(JSON.stringify({ box })),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(JSON.stringify({ code: errorCode(error) }));
      },
    );
  });
}
