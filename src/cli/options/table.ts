import type { Options } from '../../domain/options.ts';
import { askingOptions } from '../../options/asking-options.ts';
import { folderOptions } from '../../options/folder-options.ts';
import { moneyOptions } from '../../options/money-options.ts';
import { tellingOptions } from '../../options/telling-options.ts';
import { documentOptions } from './document-options.ts';
import type { OptionTable } from './option-row.ts';
import { paceOptions } from './pace-options.ts';

/** Every option, in the order in which people read of them. */
export const optionTable: OptionTable = {
  ...folderOptions,
  ...askingOptions,
  ...paceOptions,
  ...moneyOptions,
  ...documentOptions,
  ...tellingOptions,
};

export type OptionKey = keyof Options;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table is a literal of exactly these keys
export const optionKeys = Object.keys(optionTable) as readonly OptionKey[];
