import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './desk.ts';

/** The README and the pages of docs/, by their paths in the repository. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function textOf(page: string): string {
  return readFileSync(join(REPOSITORY, page), 'utf8');
}

/** Fenced blocks, in their order. */
export function blocksOf(page: string): readonly { readonly language: string; readonly inside: string }[] {
  const found = textOf(page).matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return Array.from(found, ([, language = '', inside = '']) => ({ language, inside }));
}

/** The commands of a page in blocks of one language, each once. */
export function commandsOf(page: string, language: string): readonly string[] {
  const lines = blocksOf(page).flatMap((block) => (block.language === language ? block.inside.split('\n') : []));
  return [...new Set(lines.map((line) => line.replace(/ +# .*$/, '')).filter((line) => line !== ''))];
}
