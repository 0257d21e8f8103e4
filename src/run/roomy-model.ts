import { optionTable } from '../options/option-table.ts';
import type { Options } from '../options/options.ts';

/** The model of the defaults, where the longest answer is no longer than theirs: that much it takes, so none need ask. */
export function roomyModelOf({ maxTokens }: Pick<Options, 'maxTokens'>): string | null {
  return maxTokens <= optionTable.maxTokens.default ? optionTable.model.default : null;
}
