/** Opens the target of `--out`. */
import path from 'node:path';
import { NearboxError } from '../../../../cache/foundation/index.ts';
import type { CloudTarget } from './cloud-target.ts';
import { FolderTarget } from './folder-target.ts';
import { S3Target } from './s3-target.ts';

/** Throws `invalid_request` for a place that cannot be written. Does not access the place yet. */
export function openTarget(out: string): CloudTarget {
  return isBucket(out, `--out ${out}`) ? new S3Target(out) : new FolderTarget(out);
}

/**
 * Whether a place to write to is a bucket; else it is a folder.
 * @param named what messages call it
 * @throws NearboxError `invalid_request` for a place that cannot be written
 */
export function isBucket(out: string, named: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/?/i.exec(out)?.[1]?.toLowerCase();
  if (scheme === 's3') return true;
  if (scheme === undefined || isDrive(out)) return false;
  const message = `${named}: ${scheme}: cannot be written; give a folder or s3://BUCKET/PREFIX`;
  throw new NearboxError('invalid_request', message);
}

/** The folder or prefix of a cloud, and its name there. */
export function splitOut(out: string): { readonly parent: string; readonly name: string } {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(out)) {
    const place = path.resolve(out);
    return { parent: path.dirname(place), name: path.basename(place) };
  }
  const trimmed = out.replace(/\/+$/, '');
  const at = trimmed.lastIndexOf('/');
  return { parent: trimmed.slice(0, at), name: trimmed.slice(at + 1) };
}

/** `C:\clouds` and `C:/clouds` on Windows. */
function isDrive(out: string): boolean {
  return path.sep === '\\' && /^[a-z]:[\\/]/i.test(out);
}
