/** Reads an input file piece by piece. Every failure is an `invalid_request` with the name of the file. */
import { type FileHandle, open } from 'node:fs/promises';
import { badInput, wrongInput } from './point-input.ts';

export class InputFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  static async open(path: string): Promise<InputFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (cause) {
      throw wrongInput(path, whyUnopened(cause), cause);
    }
    try {
      const stat = await handle.stat();
      if (!stat.isFile())
        throw wrongInput(path, stat.isDirectory() ? 'is a folder, not a file' : 'is not a file');
      return new InputFile(path, stat.size, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Opens a file, runs `work` on it and closes it. */
  static async use<Result>(path: string, work: (file: InputFile) => Promise<Result>): Promise<Result> {
    const file = await InputFile.open(path);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }

  /** Reads exactly `length` bytes from `position`, into `into` if given. */
  async read(position: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (position + length > this.size) {
      throw badInput(this.path, `is cut off: ${length} bytes at ${position} are needed, it has ${this.size}`);
    }
    const bytes = into === undefined ? new Uint8Array(length) : into.subarray(0, length);
    for (let done = 0; done < length; ) {
      const bytesRead = await this.#readSome(bytes, done, position + done);
      if (bytesRead === 0) throw badInput(this.path, `is cut off at byte ${position + done}`);
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readSome(bytes: Uint8Array, from: number, position: number): Promise<number> {
    try {
      return (await this.#handle.read(bytes, from, bytes.length - from, position)).bytesRead;
    } catch (cause) {
      throw badInput(this.path, `cannot be read at byte ${position}`, cause);
    }
  }
}

/** Why a file cannot be opened: the text that follows its name in the message. */
export function whyUnopened(cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read';
    case 'EISDIR':
      return 'is a folder, not a file';
    default:
      return `cannot be opened (${cause instanceof Error ? cause.message : String(cause)})`;
  }
}
