/** Longer ids are cut in the middle on the screen. */
const LONGEST_ID_CHARACTERS = 12;

/** `7` stays; `3f2a9c1e-77b0-4e5f-9a51-0c9d6f1e2b34` becomes `3f2a…2b34`. */
export function shortId(id: string): string {
  return id.length <= LONGEST_ID_CHARACTERS ? id : `${id.slice(0, 4)}…${id.slice(-4)}`;
}
