/** Opens the target of `--out`. */
import path from 'node:path';
import { NearboxError } from '../../../../cache/foundation/index.ts';
import type { CloudTarget } from './cloud-target.ts';
import { FolderTarget } from './folder-target.ts';
import { S3Target } from './s3-target.ts';

/** Throws `invalid_request` for a place that cannot be written. Does not access the place yet. */
export function openTarget(out: string): CloudTarget {
  const scheme = schemeOf(out);
  if (scheme === 's3') return new S3Target(out);
  if (scheme !== undefined && !isDrive(out)) {
    throw new NearboxError(
      'invalid_request',
      `--out ${out}: ${scheme}: cannot be written; give a folder or s3://BUCKET/PREFIX`,
    );
  }
  return new FolderTarget(out);
}

/** `s3` of `s3://bucket`; undefined for a path. */
export function schemeOf(out: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\/?/i.exec(out)?.[1]?.toLowerCase();
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
export function isDrive(out: string): boolean {
  return path.sep === '\\' && /^[a-z]:[\\/]/i.test(out);
}
