import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodySink, OverLimit, WrongLength } from './body-sink.ts';

const MIB = 1024 * 1024;

describe('BodySink', () => {
  it('gives the bytes of all pieces over a buffer of their own, with a length announced or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50_000 }), { maxLength: 8 }),
        fc.boolean(),
        (chunks, isAnnounced) => {
          const all = Uint8Array.from(Buffer.concat(chunks));
          const sink = new BodySink({ length: isAnnounced ? all.length : null, limit: 10 * MIB });
          for (const chunk of chunks) sink.add(chunk);
          const bytes = sink.finish();
          expect(Buffer.compare(bytes, all)).toBe(0);
          expect(bytes.buffer.byteLength).toBe(all.length);
        },
      ),
    );
  });

  it('takes a body that is larger than its first buffer', () => {
    const sink = new BodySink({ length: 5 * MIB, limit: 5 * MIB });
    for (let i = 0; i < 80; i += 1) sink.add(new Uint8Array(MIB / 16).fill(i));
    const bytes = sink.finish();
    expect([bytes.length, bytes[0], bytes.at(-1)]).toEqual([5 * MIB, 0, 79]);
  });

  it('takes no memory for bytes that are announced and do not come', () => {
    const before = process.memoryUsage().arrayBuffers;
    const sinks = Array.from({ length: 64 }, () => new BodySink({ length: 256 * MIB, limit: 256 * MIB }));
    for (const sink of sinks) sink.add(new Uint8Array(1000));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80 * MIB);
    expect(() => sinks[0]!.finish()).toThrow(WrongLength);
  });

  it('refuses more bytes than are announced, and more than the limit', () => {
    expect(() => new BodySink({ length: 3, limit: 100 }).add(new Uint8Array(4))).toThrow(WrongLength);
    expect(() => new BodySink({ length: null, limit: 3 }).add(new Uint8Array(4))).toThrow(OverLimit);
  });
});
