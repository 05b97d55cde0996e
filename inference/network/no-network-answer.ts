/** The network cannot answer this question; the geometric fit may. `reason` goes to the caller as `fallback`. */
export class NoNetworkAnswer extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.name = 'NoNetworkAnswer';
    this.reason = reason;
  }
}
