import { optionTable } from '../cli/options/table.ts';
import type { Options } from '../domain/options.ts';

/** The model of the defaults, where the longest answer is no longer than theirs: that much it takes, so none need ask. */
export function roomyModelOf({ maxTokens }: Pick<Options, 'maxTokens'>): string | null {
  return maxTokens <= optionTable.maxTokens.default ? optionTable.model.default : null;
}
