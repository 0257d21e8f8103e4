import type { OptionTable } from '../cli/options/option-row.ts';
import { dollars } from './value-kind.ts';

/** What it may cost. */
export const moneyOptions = {
  maxCostUsd: {
    flag: 'max-cost',
    kind: dollars({ min: 0.000_001 }),
    default: null,
    group: 'Money',
    help: 'The most that is spent: by a --once run; by the daemon per UTC day, over restarts',
  },
  pricePrompt: {
    flag: 'price-prompt',
    kind: dollars({ min: 0 }),
    default: null,
    defaultText: 'what the API says',
    group: 'Money',
    help: 'What a million tokens of a prompt cost, for --max-cost and plan; needs --price-completion',
  },
  priceCompletion: {
    flag: 'price-completion',
    kind: dollars({ min: 0 }),
    default: null,
    defaultText: 'what the API says',
    group: 'Money',
    help: 'What a million tokens of an answer cost, for --max-cost and plan; needs --price-prompt',
  },
} satisfies Partial<OptionTable>;
