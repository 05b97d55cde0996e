/** Files that come with the package, for code that runs from the sources and from `dist/` alike. */
import { existsSync } from 'node:fs';

let root: URL | undefined;

/**
 * The URL of a file or folder of the package, such as `inference/model/`.
 *
 * @param path relative to the folder that holds package.json; a folder ends with a slash
 */
export function packageFile(path: string): URL {
  root ??= findRoot();
  return new URL(path, root);
}

/** The nearest folder above this module that holds a package.json. */
function findRoot(): URL {
  for (let folder = new URL('./', import.meta.url); ; ) {
    if (existsSync(new URL('package.json', folder))) return folder;
    const parent = new URL('../', folder);
    if (parent.href === folder.href) throw new Error('no folder above this module holds a package.json');
    folder = parent;
  }
}
