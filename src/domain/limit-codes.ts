/** The codes of attempts that ran into a limit of rate, number or money, and what people call that limit. */
export const LIMIT_CODES: ReadonlyMap<string, string> = new Map([
  ['rate-limited', 'rate limit'],
  ['too-many-at-once', 'too many at once'],
  ['upstream-busy', 'upstream busy'],
  ['spending-held', 'spending held back'],
  ['too-dear', 'too dear alone'],
  ['daily-quota', 'daily quota'],
  ['quota-used-up', 'quota used up'],
  ['budget-spent', 'budget spent'],
  ['credit-exhausted', 'no credit'],
]);
