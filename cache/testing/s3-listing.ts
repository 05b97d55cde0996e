/** ListObjectsV2 over the names of an `ObjectServer`, a few at a time. */

/** The XML answer to a listing's query. */
export function listXml(names: Iterable<string>, query: URLSearchParams, pageSize: number): string {
  const prefix = query.get('prefix') ?? '';
  const entries = new Set<string>();
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const slash = name.indexOf('/', prefix.length);
    entries.add(slash === -1 ? name : name.slice(0, slash + 1));
  }
  const after = query.get('continuation-token') ?? '';
  const rest = [...entries].sort().filter((entry) => entry > after);
  const page = rest.slice(0, pageSize);
  const isPrefix = (entry: string) => entry.endsWith('/') && entry !== prefix;
  const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return [
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<IsTruncated>${rest.length > page.length}</IsTruncated>`,
    rest.length > page.length
      ? `<NextContinuationToken>${text(page.at(-1) ?? '')}</NextContinuationToken>`
      : '',
    ...page
      .filter((entry) => !isPrefix(entry))
      .map((entry) => `<Contents><Key>${text(entry)}</Key><Size>1</Size></Contents>`),
    ...page
      .filter(isPrefix)
      .map((entry) => `<CommonPrefixes><Prefix>${text(entry)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');
}
