import { type OptionKey, optionTable } from '../cli/options/table.ts';

/** `max-tokens` gives `SLUICE_MAX_TOKENS`. */
export function environmentName(key: OptionKey): string {
  return `SLUICE_${optionTable[key].flag.toUpperCase().replaceAll('-', '_')}`;
}

/** The default as help and README show it. */
export function defaultText(key: OptionKey): string {
  const { default: value, defaultText: words } = optionTable[key];
  if (words !== undefined) return words;

  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value ?? 'none');
}
