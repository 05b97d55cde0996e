/** The global `WebAssembly`, typed: its own types come with the DOM's, which the server does not load. */

interface WebAssemblyGlobal {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
  RuntimeError: new () => Error;
}

export const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyGlobal };
