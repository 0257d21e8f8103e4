const GOOD_SHARE = 0.9;
const LASTING_SECONDS = 5;

/**
 * Seconds from `from` on, until a second begins from which on five seconds bring 90 % of `best` answers a second in the
 * mean; Infinity where that does not come before `until`. `seconds` are the simulator's, without gaps.
 */
export function recoverySeconds(seconds, { from, until, best }) {
  const isBack = (second) => {
    const next = seconds.slice(second, second + LASTING_SECONDS);
    return next.reduce((sum, { answered }) => sum + answered, 0) >= GOOD_SHARE * best * LASTING_SECONDS;
  };
  for (let second = from; second <= until - LASTING_SECONDS; second += 1) if (isBack(second)) return second - from;

  return Number.POSITIVE_INFINITY;
}
