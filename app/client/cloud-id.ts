/** A cloud's id where it leaves JSON: in the path of a URL, and in a header. */

/** A cloud id for a path: it keeps its slashes, the rest is percent-encoded. */
export function inPath(id: string): string {
  return id.split('/').map(encodeURIComponent).join('/');
}

/**
 * Names the cloud of a `POST` for balancers, which do not read its body: they can send all requests for a
 * cloud to one instance.
 */
export function cloudHeader(id: string): Record<string, string> {
  return { 'nearbox-cloud': inPath(id) };
}
