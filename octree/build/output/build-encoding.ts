/** The encodings of the nodes of an EPT. */
export type BuildEncoding = 'zstandard' | 'binary' | 'laszip';
