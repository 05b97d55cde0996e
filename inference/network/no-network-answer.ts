/**
 * The network cannot answer this question; the geometric fit is tried. The caller sees `reason` as
 * `fallback`.
 */
export class NoNetworkAnswer extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.name = 'NoNetworkAnswer';
    this.reason = reason;
  }
}
