/** How the node files of an EPT are stored. */
export type BuildEncoding = 'zstandard' | 'binary' | 'laszip';
