import { askingOptions } from './asking-options.ts';
import { documentOptions } from './document-options.ts';
import { folderOptions } from './folder-options.ts';
import { moneyOptions } from './money-options.ts';
import type { OptionTable } from './option-row.ts';
import type { Options } from './options.ts';
import { paceOptions } from './pace-options.ts';
import { tellingOptions } from './telling-options.ts';

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
