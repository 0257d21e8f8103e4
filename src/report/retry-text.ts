import { visible } from './visible.ts';
import { counted, numberInWords } from './words.ts';

type Former = 'failed' | 'held' | 'parked';

/** What `sluice retry` says to people. `glob` is what was asked for; null for all. */
export function retryText(reopened: readonly { readonly was: Former }[], glob: string | null): string {
  if (reopened.length === 0) {
    const which = glob === null ? 'no document' : `no document that matches ${visible(glob)}`;
    return `Nothing to try again: ${which} failed, is held, or waits for its time.`;
  }
  const parts = (['failed', 'held', 'parked'] as const).flatMap((former) => {
    const count = reopened.filter(({ was }) => was === former).length;
    return count === 0 ? [] : [`${numberInWords(count)} ${former}`];
  });
  return (
    `${counted(reopened.length, 'document')} back to pending (${parts.join(', ')}). ` +
    'A running daemon takes them within a second or two, else the next run does.'
  );
}
