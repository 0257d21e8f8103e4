import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { isRecord, type JsonRecord } from '../lib/json.ts';

/** More than any recipe needs, and less than what overflows the stack later, or takes longer than a moment to read. */
const DEEPEST = 100;
const MOST_CHARACTERS = 64 * 1024;

/** The library searches all of the front matter for each. */
const MOST_ALIASES = 20;

/** Aliases that repeat aliases grow without end. */
const MOST_COPIES = 100;

/** One mistake in YAML often brings a long tail of others. */
const MOST_MISTAKES = 3;

/** `!!str 1` is JSON, too. */
const JSON_TAG = /^(!|tag:yaml\.org,2002:(str|int|float|bool|null|seq|map))$/;

const PROTOTYPE = /(^|\.)__proto__(\.|$)/;

/**
 * The front matter of a recipe. Whatever YAML can say beyond JSON is refused.
 *
 * @throws SyntaxError that says what is wrong, with the line in the file
 */
export function parseFrontMatter(yaml: string): JsonRecord {
  if (yaml.length > MOST_CHARACTERS) throw new SyntaxError(`is longer than ${MOST_CHARACTERS} characters`);

  // The library compares each key with all others to find out whether they are unique.
  const document = parseDocument(yaml, { version: '1.2', schema: 'core', stringKeys: true, uniqueKeys: false });
  const mistakes = [...new Set(document.errors.map(({ message }) => message.replace(/:?(?:\n.*)?$/s, '')))];
  if (mistakes.length > 0) throw new SyntaxError(`is no valid YAML: ${mistakes.slice(0, MOST_MISTAKES).join('; ')}`);

  requireJson(document, yaml);
  const value: unknown = document.toJS({ maxAliasCount: MOST_COPIES });
  if (value === null) return {};
  if (!isRecord(value)) throw new SyntaxError('must be a list of settings such as "model: openai/gpt-5", one a line');

  return value;
}

function requireJson(document: Document.Parsed, yaml: string): void {
  const anchored = new Map<string, Node>();
  let aliases = 0;
  visit(document, (key, node, path) => {
    if (!isNode(node)) return;

    const twin = isMap(node) ? repeatedKey(node) : null;
    if (twin !== null) refuse(`says ${JSON.stringify(twin.value)} twice`, twin, yaml);

    if (isAlias(node)) aliases += 1;
    else if (node.anchor !== undefined) anchored.set(node.anchor, node);
    let problem = isAlias(node) ? misusedAlias(node.source, anchored, path) : misuse(node, key === 'key');
    if (aliases > MOST_ALIASES) problem = `has more than ${MOST_ALIASES} aliases`;
    if (path.length > DEEPEST) problem = 'is nested too deeply';
    if (problem !== null) refuse(problem, node, yaml);
  });
}

function refuse(problem: string, { range }: Node, yaml: string): never {
  const line = yaml.slice(0, range?.[0] ?? 0).split('\n').length;
  throw new SyntaxError(`${problem} at line ${line}`);
}

function misuse(node: Node, isKey: boolean): string | null {
  if (node.tag !== undefined && !JSON_TAG.test(node.tag)) return `has a tag, ${node.tag}, which means nothing here,`;
  if (!isScalar(node)) return null;
  if (typeof node.value === 'number' && !Number.isFinite(node.value)) return 'has a number that JSON does not know';

  return isKey && PROTOTYPE.test(String(node.value)) ? 'has a key __proto__' : null;
}

function repeatedKey({ items }: YAMLMap): Scalar | null {
  const names = new Set<unknown>();
  for (const { key } of items) {
    if (!isScalar(key)) continue;
    if (names.has(key.value)) return key;
    names.add(key.value);
  }
  return null;
}

/** @param anchored what stands before the alias, by its anchor */
function misusedAlias(name: string, anchored: ReadonlyMap<string, Node>, path: readonly unknown[]): string | null {
  const target = anchored.get(name);
  if (target === undefined) return `has an alias *${name} of nothing`;

  return path.includes(target) ? `has an alias *${name} of what it is part of` : null;
}

/** A line of three dashes; white space after them does not count. */
const FENCE = /^---[^\S\n]*$/;

/**
 * Front matter and template of a dotprompt file. Unlike dotprompt's own, it refuses front matter that does not end or
 * does not stand at the top: both would be sent to the model as text, and the settings in it would be without effect.
 *
 * @returns `header`: YAML, on the same lines as in the file, or null; `body`: without the white space around it
 * @throws SyntaxError that says what is wrong
 */
export function splitFrontMatter(source: string): { readonly header: string | null; readonly body: string } {
  const lines = source.replaceAll(/\r\n?/g, '\n').split('\n');
  const start = lines.findIndex((line) => line.trim() !== '');
  if (!FENCE.test(lines[start] ?? '')) return { header: null, body: lines.join('\n').trim() };

  if (start > 0) throw new SyntaxError('must stand at the very top of the file: there are blank lines before its ---');

  const end = lines.findIndex((line, index) => index > 0 && FENCE.test(line));
  if (end === -1) throw new SyntaxError('does not end: a line of --- must stand between it and the prompt');

  const body = lines.slice(end + 1).join('\n');
  return { header: ['', ...lines.slice(1, end)].join('\n'), body: body.trim() };
}
