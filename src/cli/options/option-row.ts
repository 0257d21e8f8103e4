import type { Options } from '../../domain/options.ts';
import type { ValueKind } from './value-kind.ts';

/** All that is known of one option. Flags, environment variables, configuration keys, help and README come from here. */
export interface OptionRow<Value> {
  /** The flag without `--`; also the key in `sluice.config.yaml`. */
  readonly flag: string;
  readonly kind: ValueKind<NonNullable<Value>>;
  /** A relative path is one in the workspace (for `root`: in the current folder). */
  readonly default: Value;
  /** The default in words, where the value does not tell it. */
  readonly defaultText?: string;
  readonly group: 'Folders' | 'What is asked' | 'Pace' | 'Money' | 'Which documents' | 'What is said';
  readonly help: string;
}

export type OptionTable = { readonly [Key in keyof Options]: OptionRow<Options[Key]> };
