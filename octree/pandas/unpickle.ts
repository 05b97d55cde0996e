/**
 * A pickle as plain data. Nothing is run: a name of Python becomes a `PickledObject` that holds what it was
 * called with, and names that are no part of a table are refused.
 */
import { Parser } from 'pickleparser';

/** What Python would have made by calling `name`. */
export class PickledObject {
  /** With its module. */
  readonly name: string;
  readonly args: readonly unknown[];
  state: unknown = null;

  constructor(name: string, args: readonly unknown[]) {
    this.name = name;
    this.args = args;
  }

  /** Called by the parser. */
  __setstate__(state: unknown): void {
    this.state = state;
  }
}

/** What tables of pandas 0.25 to 3 are made of, by the last part of the module and the name. */
const KNOWN: ReadonlySet<string> = new Set([
  'DataFrame',
  'BlockManager',
  '_unpickle_block',
  'new_block',
  'Index',
  'RangeIndex',
  'Int64Index',
  '_new_Index',
  'ndarray',
  'dtype',
  'scalar',
  '_reconstruct',
  '_frombuffer',
  'slice',
  '__pyx_unpickle_NDArrayBacked',
  'StringArray',
  'StringDtype',
  'NumpyExtensionArray',
]);
const MODULES = /^(builtins|__builtin__|numpy(\._?core\.(multiarray|numeric))?|pandas(\..*)?)$/;

/** @throws Error if the bytes are no pickle, or one of anything but a table. */
export function unpickle(bytes: Uint8Array): unknown {
  const parser = new Parser({
    unpicklingTypeOfDictionary: 'Map',
    nameResolver: { resolve: (module, name) => maker(module, name) },
  });
  return parser.parse(bytes);
}

function maker(module: string, name: string): new (...args: unknown[]) => PickledObject {
  if (!MODULES.test(module) || !KNOWN.has(name))
    throw new Error(`it holds a ${module}.${name}, which is not a table of numbers and words`);
  // The parser makes objects with `new`, and calls functions without.
  function make(...args: unknown[]): PickledObject {
    return new PickledObject(name, args);
  }
  return make as unknown as new (
    ...args: unknown[]
  ) => PickledObject;
}
