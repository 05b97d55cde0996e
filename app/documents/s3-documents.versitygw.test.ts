/** Documents in a bucket of a real S3 server, and stores that have no conditional writes. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findComponent, type S3Server, startVersitygw } from '../../cache/testing/index.ts';
import { S3Documents } from './s3-documents.ts';
import { describeDocuments } from './testing/index.ts';

const program = findComponent('versitygw');

describe.skipIf(program === null)('versitygw', () => {
  let server: S3Server;
  let roots = 0;

  beforeAll(async () => {
    server = await startVersitygw(program!);
    const { origin, credentials } = server;
    const client = new S3Client({ endpoint: origin, region: 'us-east-1', credentials, forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'labels' }));
    client.destroy();
  });
  afterAll(() => server?.stop());

  describeDocuments('S3Documents', async () => {
    roots += 1;
    const options = {
      uri: `s3://labels/root-${roots}`,
      endpoint: server.origin,
      credentials: server.credentials,
    };
    const stores = [await S3Documents.open(options)];
    return {
      store: stores[0]!,
      async again() {
        const store = await S3Documents.open(options);
        stores.push(store);
        return store;
      },
      async close() {
        for (const store of stores) await store.close();
      },
    };
  });

  it('refuses a bucket that is not there', async () => {
    const { origin: endpoint, credentials } = server;
    await expect(S3Documents.open({ uri: 's3://nothing-here', endpoint, credentials })).rejects.toMatchObject(
      {
        code: 'source_unavailable',
      },
    );
  });
});

describe('a store without conditional writes', () => {
  it.each([
    ['ignores the preconditions', 200],
    ['does not know them', 501],
  ])('that %s is refused at start', async (_name, status) => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(request.method === 'PUT' ? status : 204, { etag: '"x"' }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await expect(
        S3Documents.open({
          uri: 's3://labels',
          endpoint: `http://127.0.0.1:${port}`,
          credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        }),
      ).rejects.toMatchObject({
        code: 'source_unavailable',
        message: expect.stringContaining('no conditional writes'),
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
