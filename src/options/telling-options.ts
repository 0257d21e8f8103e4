import type { OptionTable } from '../cli/options/option-row.ts';
import { LOG_LEVELS } from '../domain/options.ts';
import { oneOf, onOrOff } from './value-kind.ts';

/** What is said of it. */
export const tellingOptions = {
  json: {
    flag: 'json',
    kind: onOrOff,
    default: false,
    group: 'What is said',
    help: 'One summary object, alone, on stdout',
  },
  logLevel: {
    flag: 'log-level',
    kind: oneOf('LEVEL', LOG_LEVELS),
    default: 'info',
    group: 'What is said',
    help: `What is logged on stderr, as JSON lines where it is no terminal: ${LOG_LEVELS.join(', ')}`,
  },
} satisfies Partial<OptionTable>;
