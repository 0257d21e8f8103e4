import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { EXIT_CODES } from '../src/cli/help.ts';
import { optionTableMarkdown } from '../src/cli/options/table.ts';
import { PRESETS, type Preset } from '../src/llm/presets.ts';
import { REPOSITORY } from './support/desk.ts';
import { blocksOf, PAGES, textOf } from './support/documentation.ts';

/** What a preset can do, as docs/apis.md tells it. */
function apiRow({ name, keyVariables, inputs, routes, jsonSchema, jsonObject, maxTokens }: Preset): string {
  const json = jsonSchema ? 'schema' : jsonObject ? 'object' : 'words';
  const pdfs = routes ? 'read' : inputs?.includes('file') === true ? 'files' : 'text';
  const may = (input: 'image' | 'audio') => (inputs === null || inputs.includes(input) ? 'yes' : 'no');
  const keys = keyVariables.map((variable) => `\`${variable}\``).join(' or ');
  const cells = [`\`${name}\``, keys || 'none needed', json, pdfs, may('image'), may('audio'), String(maxTokens)];
  return `| ${cells.join(' | ')} |`;
}

test('the table of APIs is that of the presets', () => {
  const head = '| `--api` | key | JSON | PDFs | images | sound | answer |\n|---|---|---|---|---|---|---|\n';
  expect(textOf('docs/apis.md')).toContain(`<!-- apis -->\n${head}${PRESETS.map(apiRow).join('\n')}\n<!-- /apis -->`);
});

test('the README names every API', () => {
  const [, section = ''] = /^## APIs\n(.*?)^## /ms.exec(textOf('README.md')) ?? [];
  expect(
    PRESETS.map(({ name }) => name).filter((name) => name !== 'simulator' && !section.includes(`\`${name}\``)),
  ).toEqual([]);
});

test('the table of options is the one of the option table', () => {
  expect(textOf('docs/options.md')).toContain(`<!-- options -->\n${optionTableMarkdown()}\n<!-- /options -->`);
});

test('the exit codes are those of --help', () => {
  const rows = textOf('docs/exit-codes.md').matchAll(/^\| (\d[\d, ]*) \| (.*) \|$/gm);
  expect(Array.from(rows, ([, codes, words]) => [codes, words])).toEqual(EXIT_CODES);
});

test('the layout names the folders and files of src', () => {
  const layout = blocksOf('docs/architecture.md').find(({ inside }) => inside.startsWith('src/\n'))?.inside ?? '';
  const named = Array.from(layout.matchAll(/^ {2}(\S+)/gm), ([, name]) => name);
  const there = readdirSync(join(REPOSITORY, 'src'), { withFileTypes: true });
  expect(new Set(named)).toEqual(new Set(there.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))));
});

/** The anchors of headings, as GitHub makes them. */
function anchorsOf(text: string): readonly string[] {
  const headings = Array.from(text.matchAll(/^#+ (.*)$/gm), ([, heading = '']) => heading.toLowerCase());
  return headings.map((heading) => heading.replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-'));
}

test.each(PAGES)('what %s points to is there', (page) => {
  const links = Array.from(textOf(page).matchAll(/\]\(([^)#\s]*)(?:#([^)]*))?\)/g), ([, path = '', anchor]) => ({
    path,
    anchor,
  }));
  const broken = links.filter(({ path, anchor }) => {
    if (/^https?:/.test(path)) return false;
    const target = path === '' ? page : join(dirname(page), path);
    if (!existsSync(join(REPOSITORY, target))) return true;
    return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test('every page of docs/ is in its index', () => {
  const index = textOf('docs/README.md');
  expect(
    PAGES.filter((page) => page !== 'README.md' && page !== 'docs/README.md' && !index.includes(`(${page.slice(5)})`)),
  ).toEqual([]);
});

test('the files of the source that docs/architecture.md names are there', () => {
  const named = Array.from(
    textOf('docs/architecture.md').matchAll(/`((?:[\w-]+\/)+[\w-]+\.ts)`/g),
    ([, path = '']) => path,
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((path) => !existsSync(join(REPOSITORY, path.startsWith('test/') ? '' : 'src', path)))).toEqual(
    [],
  );
});
