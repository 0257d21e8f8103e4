import { UNREADABLE } from '../domain/ignored.ts';
import type { Summary } from './summary.ts';

const SIGNALLED = { SIGINT: 130, SIGTERM: 143 } as const;

const STOPPED = { model: 2, disk: 6, account: 5, budget: 4 } as const;

/**
 * The exit code of `--once`; an unexpected error (1) is the caller's. A stop, a recipe that cannot be used, and a budget
 * that is used up tell more than what they left undone: 2, 6, 5, 4 come before 3 (some failed or are held) and 7 (some are pending, or may lie in what could not be looked into).
 */
export function exitCode(summary: Summary, signal: keyof typeof SIGNALLED = 'SIGINT'): number {
  const { stopped, failed, held, pending, overBudget, barredRecipes, ignored } = summary;
  if (stopped === 'signal') return SIGNALLED[signal];
  if (Object.keys(barredRecipes).length > 0) return 2;
  if (stopped !== null) return STOPPED[stopped];
  if (overBudget > 0) return STOPPED.budget;
  if (failed + held > 0) return 3;
  return pending + (ignored[UNREADABLE] ?? 0) > 0 ? 7 : 0;
}
