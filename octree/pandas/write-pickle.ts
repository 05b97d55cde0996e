/**
 * A pickle that every pandas opens: it calls `pandas.DataFrame` with a list for each column, instead of
 * naming the parts that a version of pandas happens to keep its tables in.
 */

export type PandasValue = string | number | boolean | null;

const UTF8 = new TextEncoder();

/** The pickle (protocol 2) of a table with these columns. Whole numbers become integers. */
export function writePandasPickle(
  columns: ReadonlyMap<string, readonly PandasValue[]>,
): Uint8Array<ArrayBuffer> {
  const bytes = new PickleBytes();
  bytes.text('\x80\x02cpandas\nDataFrame\n}(');
  for (const [name, values] of columns) {
    bytes.word(name);
    bytes.text('](');
    const isWhole = values.every((value) => typeof value !== 'number' || isInt32(value));
    for (const value of values) writeValue(bytes, value, isWhole);
    bytes.text('e');
  }
  bytes.text('u\x85R.');
  return bytes.done();
}

/** `isWhole`: the column holds integers alone. One kind for a column: pandas would make others objects. */
function writeValue(bytes: PickleBytes, value: PandasValue, isWhole: boolean): void {
  if (value === null) bytes.text('N');
  else if (typeof value === 'boolean') bytes.text(value ? '\x88' : '\x89');
  else if (typeof value === 'string') bytes.word(value);
  else if (isWhole) bytes.number('J', 4, (view) => view.setInt32(0, value, true));
  else bytes.number('G', 8, (view) => view.setFloat64(0, value, false));
}

function isInt32(value: number): boolean {
  return (value | 0) === value && !Object.is(value, -0);
}

class PickleBytes {
  #all = new Uint8Array(1024);
  #length = 0;

  /** Opcodes and ASCII. */
  text(text: string): void {
    this.#put(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
  }

  word(text: string): void {
    const bytes = UTF8.encode(text);
    this.number('X', 4, (view) => view.setUint32(0, bytes.length, true));
    this.#put(bytes);
  }

  number(opcode: string, length: number, fill: (view: DataView) => void): void {
    this.text(opcode);
    const bytes = new Uint8Array(length);
    fill(new DataView(bytes.buffer));
    this.#put(bytes);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#all.slice(0, this.#length);
  }

  #put(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#all.length) {
      const longer = new Uint8Array(2 * (this.#length + bytes.length));
      longer.set(this.#all.subarray(0, this.#length));
      this.#all = longer;
    }
    this.#all.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}
