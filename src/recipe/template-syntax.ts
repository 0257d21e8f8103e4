import { errorMessage } from '../lib/errors.ts';

export interface SyntaxProblem {
  readonly line: number;
  /** A sentence. */
  readonly problem: string;
}

/** What is wrong with a template that Handlebars cannot read, in words for people: its own are a parser's. */
export function syntaxProblem(source: string, error: unknown): SyntaxProblem {
  const message = errorMessage(error);
  const [, opened, closed, at] = /^(\S+) doesn't match (\S+) - (\d+):/.exec(message) ?? [];
  if (at !== undefined) return { line: Number(at), problem: `{{#${opened}}} is not closed before {{/${closed}}}.` };

  const line = Number(/ on line (\d+)/.exec(message)?.[1] ?? 1);
  const [, got] = /got '(\w+)'/.exec(message) ?? [];
  const open = got === 'EOF' ? openBlock(source) : null;
  if (open !== null) return { line: open.line, problem: `${open.tag} is not closed: {{/${open.name}}} is missing.` };
  const written = source.split('\n')[line - 1]?.trim() ?? '';
  if (got === 'OPEN_ENDBLOCK')
    return { line, problem: `${/\{\{~?\/.*?\}\}/.exec(written)?.[0] ?? written} closes nothing.` };
  if (got === 'INVERSE') return { line, problem: '{{else}} stands in no block, or twice in one.' };
  if (/\{\{(?!.*\}\})/.test(written)) return { line, problem: 'A {{ is not closed: }} is missing.' };
  const shown = written.length > LONGEST_SHOWN ? `${written.slice(0, LONGEST_SHOWN)}…` : written;
  return { line, problem: `Something in ${shown} is no tag: one is written {{name}}.` };
}

const LONGEST_SHOWN = 60;

const COMMENT = /\{\{~?!(?:--[^]*?--~?\}\}|[^]*?\}\})/g;
const BLOCK_TAG = /\{\{~?([#/])\s*([\w-]+)[^}]*\}\}/g;

/** The innermost block that is never closed. */
function openBlock(source: string): { readonly line: number; readonly tag: string; readonly name: string } | null {
  const blocks: { line: number; tag: string; name: string }[] = [];
  const code = source.replaceAll(COMMENT, (comment) => comment.replaceAll(/[^\n]/g, ' '));
  for (const { 0: tag, 1: kind, 2: name = '', index } of code.matchAll(BLOCK_TAG)) {
    if (kind === '/') blocks.pop();
    else blocks.push({ line: code.slice(0, index).split('\n').length, tag, name });
  }
  return blocks.at(-1) ?? null;
}
