import { DiskError, UsageError, WorkspaceTakenError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';
import { visible } from '../report/words.ts';

const KNOWN_ERRORS = [
  [UsageError, 2],
  [WorkspaceTakenError, 8],
  [DiskError, 6],
] as const;

/**
 * Says what ended the program, and gives the exit code. An unexpected error is shown with its stack. Others may choose the names
 * of documents in it: escapes in them do nothing to the terminal.
 */
export function endedBy(error: unknown, say: (line: string) => void): number {
  const code = KNOWN_ERRORS.find(([kind]) => error instanceof kind)?.[1] ?? 1;
  const [first = '', ...stack] =
    code === 1 && error instanceof Error ? (error.stack ?? errorMessage(error)).split('\n') : [errorMessage(error)];
  const lines = error instanceof UsageError ? error.mistakes : [first];
  for (const line of lines) say(`sluice: ${visible(line)}`);
  for (const line of stack) say(visible(line));
  return code;
}
