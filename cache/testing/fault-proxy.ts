/** A TCP proxy that does to connections what networks do. */
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

/** What happens to the answer of a connection after this many bytes. */
export interface ConnectionFault {
  readonly afterBytes: number;
  readonly ending: 'reset' | 'end' | 'stall';
}

export class FaultProxy {
  /** Used up one by one, by the first connections that come; connections after them pass. */
  readonly faults: ConnectionFault[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#server = createServer((client) => this.#connect(client, target));
  }

  /** Passes on to a port of this machine. */
  static async start(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: Socket, target: number): void {
    this.connections += 1;
    const fault = this.faults.shift();
    const upstream = createConnection(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    if (fault === undefined) {
      upstream.pipe(client);
      return;
    }
    let left = fault.afterBytes;
    upstream.on('data', (chunk: Buffer) => {
      if (chunk.length < left) {
        left -= chunk.length;
        client.write(chunk);
        return;
      }
      upstream.pause();
      client.write(chunk.subarray(0, left), () => {
        if (fault.ending === 'reset') client.resetAndDestroy();
        else if (fault.ending === 'end') client.end();
      });
    });
  }
}
