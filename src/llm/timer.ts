/** Timers overflow to 1 ms beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A timer in seconds; one beyond 24.8 days is cut to that. */
export function startTimer(seconds: number, onDue: () => void): NodeJS.Timeout {
  return setTimeout(onDue, Math.min(seconds * 1000, LONGEST_TIMER_MS));
}
