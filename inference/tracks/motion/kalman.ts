/**
 * One coordinate that moves at a slowly changing rate: a Kalman filter forward and the Rauch-Tung-Striebel
 * smoother backward. The model is white noise on the acceleration (Bar-Shalom, Li and Kirubarajan, Estimation
 * with Applications to Tracking and Navigation, 6.2.2). Time may run backward: only differences count.
 */

/** A value and its rate, with their covariance. */
export interface StateEstimate {
  readonly value: number;
  readonly rate: number;
  /** Variance of the value, covariance of both, variance of the rate. */
  readonly vv: number;
  readonly vr: number;
  readonly rr: number;
}

export interface Measurement {
  readonly value: number;
  readonly variance: number;
}

/**
 * The estimate `dt` later (or earlier, if negative). @param q spectral density of the acceleration, units^2 /
 * s^3
 */
export function predict({ value, rate, vv, vr, rr }: StateEstimate, dt: number, q: number): StateEstimate {
  const t = Math.abs(dt);
  const cross = vr + dt * rr + (Math.sign(dt) * q * t * t) / 2;
  return {
    value: value + dt * rate,
    rate,
    vv: vv + 2 * dt * vr + dt * dt * rr + (q * t * t * t) / 3,
    vr: cross,
    rr: rr + q * t,
  };
}

/** The estimate with a measurement of the value taken in. */
export function update(estimate: StateEstimate, { value, variance }: Measurement): StateEstimate {
  const { vv, vr, rr } = estimate;
  const total = vv + variance;
  const gainValue = vv / total;
  const gainRate = vr / total;
  const off = value - estimate.value;
  return {
    value: estimate.value + gainValue * off,
    rate: estimate.rate + gainRate * off,
    vv: (1 - gainValue) * vv,
    vr: (1 - gainValue) * vr,
    rr: rr - gainRate * vr,
  };
}

/**
 * The best estimate at every time from all measurements.
 * @param times seconds, rising or falling
 * @param measurements one a time; null where there is none
 * @param start what is known at the first time before its measurement
 */
export function smooth(
  times: readonly number[],
  measurements: readonly (Measurement | null)[],
  start: StateEstimate,
  q: number,
): StateEstimate[] {
  const filtered: StateEstimate[] = [];
  const predicted: StateEstimate[] = [];
  let at = start;
  for (const [k, time] of times.entries()) {
    const ahead = k === 0 ? start : predict(at, time - times[k - 1]!, q);
    const seen = measurements[k];
    at = seen ? update(ahead, seen) : ahead;
    predicted.push(ahead);
    filtered.push(at);
  }
  const smoothed = [...filtered];
  for (let k = times.length - 2; k >= 0; k--)
    smoothed[k] = backward(filtered[k]!, predicted[k + 1]!, smoothed[k + 1]!, times[k + 1]! - times[k]!);
  return smoothed;
}

/** One step of the smoother: gain C = P F' P_ahead^-1. */
function backward(
  here: StateEstimate,
  ahead: StateEstimate,
  known: StateEstimate,
  dt: number,
): StateEstimate {
  const det = ahead.vv * ahead.rr - ahead.vr * ahead.vr;
  if (!(det > 0)) return here;
  // P F', F = [1 dt; 0 1]
  const a = here.vv + dt * here.vr;
  const b = here.vr;
  const c = here.vr + dt * here.rr;
  const d = here.rr;
  const c00 = (a * ahead.rr - b * ahead.vr) / det;
  const c01 = (b * ahead.vv - a * ahead.vr) / det;
  const c10 = (c * ahead.rr - d * ahead.vr) / det;
  const c11 = (d * ahead.vv - c * ahead.vr) / det;
  const dv = known.value - ahead.value;
  const dr = known.rate - ahead.rate;
  const pvv = known.vv - ahead.vv;
  const pvr = known.vr - ahead.vr;
  const prr = known.rr - ahead.rr;
  return {
    value: here.value + c00 * dv + c01 * dr,
    rate: here.rate + c10 * dv + c11 * dr,
    vv: here.vv + c00 * (c00 * pvv + c01 * pvr) + c01 * (c00 * pvr + c01 * prr),
    vr: here.vr + c00 * (c10 * pvv + c11 * pvr) + c01 * (c10 * pvr + c11 * prr),
    rr: here.rr + c10 * (c10 * pvv + c11 * pvr) + c11 * (c10 * pvr + c11 * prr),
  };
}
