/** What a test finds in folders. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The content of every file below a folder, by its path. */
export async function filesOf(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const contents = names.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name);
    return [path.relative(folder, file), (await readFile(file)).toString('base64')] as const;
  });
  return new Map((await Promise.all(contents)).toSorted());
}

/** What is left in a folder of a cloud's name, temporary folders included. */
export async function namesIn(folder: string, name: string): Promise<string[]> {
  return (await readdir(folder)).filter((entry) => entry.includes(name));
}
