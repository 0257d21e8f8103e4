import type { OptionKey } from '../cli/options/table.ts';
import { optionKeys, optionTable } from '../cli/options/table.ts';
import { defaultText, environmentName } from './option-words.ts';

/** The README's table of options, without a newline at its end. */
export function optionTableMarkdown(): string {
  return ['| option | variable | default | meaning |', '|---|---|---|---|', ...optionKeys.map(line)].join('\n');
}

function line(key: OptionKey): string {
  const { flag, kind, help } = optionTable[key];
  const usage = kind.placeholder === null ? `--${flag}` : `--${flag} ${kind.placeholder}`;
  const cells = [`\`${usage}\``, `\`${environmentName(key)}\``, defaultText(key), help];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
