/** What processes take of the machine, with all that they have started; one that has ended takes nothing. */
import { readdirSync, readFileSync } from 'node:fs';

/** Processor time since they began, milliseconds. */
export function cpuMsOf(pids: readonly number[]): number {
  return family(pids).reduce((sum, pid) => sum + cpuMsOfOne(pid), 0);
}

/** Resident memory, MiB. */
export function residentMiBOf(pids: readonly number[]): number {
  return family(pids).reduce((sum, pid) => sum + residentMiBOfOne(pid), 0);
}

function family(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => {
    const children = ofLiving(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
    if (children === undefined) return [];
    return [pid, ...(children === '' ? [] : family(children.split(' ').map(Number)))];
  });
}

/** Every thread's time on a processor, nanoseconds, is the first number of its schedstat. */
function cpuMsOfOne(pid: number): number {
  let ms = 0;
  for (const thread of ofLiving(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
    const schedstat = ofLiving(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'));
    ms += Number(schedstat?.split(' ')[0] ?? 0) / 1e6;
  }
  return ms;
}

function residentMiBOfOne(pid: number): number {
  const status = ofLiving(() => readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status ?? '')?.[1] ?? 0) / 1024;
}

/** Undefined if the process or thread has just ended. */
function ofLiving<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
