/** Lines of JSON as a stream of bytes, made as fast as they are read. */

const ENCODER = new TextEncoder();

export interface LineStreamOptions {
  /** Told once, when the stream has ended: with the error, if one cut it off. */
  readonly onEnd: (error?: unknown) => void;
  /** Told when the reader went away. */
  readonly onLeave: () => void;
}

/** @param lines asked for the next line only when the last one was taken */
export function lineStream(
  lines: AsyncIterable<unknown>,
  { onEnd, onLeave }: LineStreamOptions,
): ReadableStream<Uint8Array> {
  const iterator = lines[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await iterator.next();
          if (done) {
            controller.close();
            onEnd();
          } else controller.enqueue(ENCODER.encode(`${JSON.stringify(value)}\n`));
        } catch (error) {
          // The reader sees a stream without its last line.
          controller.error(error);
          onEnd(error);
        }
      },
      async cancel() {
        onLeave();
        await iterator.return?.();
        onEnd();
      },
    },
    { highWaterMark: 0 },
  );
}
