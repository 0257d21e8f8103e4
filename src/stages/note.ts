import type { Step } from '../pipeline/work-item.ts';

/** Something that a person should know, and that moves no document. */
export function note(level: 'info' | 'warn', message: string): Step {
  return { event: { type: 'run-noted', level, message } };
}
