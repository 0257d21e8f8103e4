import { counted, visible } from './words.ts';

/** A recipe that cannot be used as things are. */
export interface BarredRecipe {
  readonly name: string;
  /** A sentence that names it. */
  readonly reason: string;
  /** Those in the inbox that wait until it can. */
  readonly documents: number;
}

/** The same for people, with how many documents wait. */
export function barredRecipeLine({ reason, documents }: BarredRecipe): string {
  const wait = documents === 1 ? '1 document waits' : `${counted(documents, 'document')} wait`;
  return documents === 0 ? visible(reason) : `${visible(reason)} (${wait} for it)`;
}
