import type { OptionTable } from '../cli/options/option-row.ts';
import { AFTER } from '../domain/options.ts';
import { oneOf, onOrOff, path } from './value-kind.ts';

/** Where things lie. */
export const folderOptions = {
  root: {
    flag: 'root',
    kind: path('DIR'),
    default: 'watch',
    defaultText: './watch',
    group: 'Folders',
    help: 'The workspace: the folder that holds inbox, outbox and failed',
  },
  inbox: {
    flag: 'inbox',
    kind: path('DIR'),
    default: 'inbox',
    defaultText: 'inbox in the workspace',
    group: 'Folders',
    help: 'Where documents are dropped',
  },
  outbox: {
    flag: 'outbox',
    kind: path('DIR'),
    default: 'outbox',
    defaultText: 'outbox in the workspace',
    group: 'Folders',
    help: 'Where results appear',
  },
  failed: {
    flag: 'failed',
    kind: path('DIR'),
    default: 'failed',
    defaultText: 'failed in the workspace',
    group: 'Folders',
    help: 'Where error reports appear',
  },
  after: {
    flag: 'after',
    kind: oneOf('WHAT', AFTER),
    default: 'keep',
    group: 'Folders',
    help: 'What becomes of a document once its result is safe: keep, archive (it moves to archive in the workspace), delete',
  },
  receipts: {
    flag: 'receipts',
    kind: onOrOff,
    default: false,
    group: 'Folders',
    help: 'A receipt beside each result, RESULT.receipt.json: hashes, models, tokens, cost, attempts, seconds',
  },
} satisfies Partial<OptionTable>;
