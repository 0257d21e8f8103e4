import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import Handlebars from 'handlebars';
import type { DocumentRef } from '../domain/document.ts';
import { likelyPromptTokens } from '../domain/models.ts';
import type { ChatMessage, FixedPart, LinkedImage, Part, TextPart } from '../domain/request.ts';
import { checkTemplate, type TemplateRights, type TemplateVariables } from './check-template.ts';

export interface Template {
  /** The partials that it uses: their sources by name. */
  readonly partials: ReadonlyMap<string, string>;
  /** The messages, with a place for the document: the template never gets its contents. */
  render(document: DocumentRef): readonly RenderedMessage[];
}

/**
 * A dotprompt template as a function: Handlebars with dotprompt's helpers, in an environment of its own.
 *
 * dotprompt's own renderer finds roles and media by marks in the rendered text, even if a variable brought them: a
 * file's name could become a system message. The marks here cannot be guessed. Its renderer also keeps all partials in
 * one global table and is asynchronous, but a recipe is chosen synchronously.
 *
 * @throws UsageError with every problem of the template
 */
export function compileTemplate(source: string, rights: TemplateRights): Template {
  const partials = checkTemplate(source, rights);
  const mark = `\0${randomUUID()}\0`;
  const place = `${mark}document${mark}`;
  const render = environment(mark, partials).compile<TemplateVariables>(source, {
    knownHelpers: { role: true, media: true, json: true, ifEquals: true, unlessEquals: true },
    knownHelpersOnly: true,
    noEscape: true,
  });
  return {
    partials,
    render: ({ id, size, mtimeMs }) => {
      const modified = new Date(mtimeMs).toISOString();
      return splitMessages(render({ document: place, name: posix.basename(id), path: id, size, modified }), mark);
    },
  };
}

/** `mark` tells what this renderer wrote from what a variable brought. */
function environment(mark: string, partials: ReadonlyMap<string, string>): typeof Handlebars {
  const handlebars = Handlebars.create();
  handlebars.registerHelper({
    role: (role: string) => `${mark}role ${role}${mark}`,
    media: ({ hash }: Handlebars.HelperOptions) =>
      String(hash['url']).startsWith(mark) ? hash['url'] : `${mark}image ${hash['url']}${mark}`,
    json: (value: unknown, { hash }: Handlebars.HelperOptions) => JSON.stringify(value, null, hash['indent'] ?? 0),
    ifEquals(this: unknown, one: unknown, other: unknown, { fn, inverse }: Handlebars.HelperOptions) {
      return one === other ? fn(this) : inverse(this);
    },
    unlessEquals(this: unknown, one: unknown, other: unknown, { fn, inverse }: Handlebars.HelperOptions) {
      return one === other ? inverse(this) : fn(this);
    },
  });
  for (const [name, text] of partials) handlebars.registerPartial(name, text);
  return handlebars;
}

type TemplateContent = Part | FixedPart | LinkedImage;

/**
 * The messages with the document in its places; if a template has none, it is the last user message. What is one text
 * in the end is plain content.
 *
 * @param fixed texts before the document, to be marked for the provider's cache
 */
export function fillMessages(
  rendered: readonly RenderedMessage[],
  parts: readonly Part[],
  fixed: number,
): readonly ChatMessage[] {
  const placed = rendered.some(({ pieces }) => pieces.some(({ kind }) => kind === 'document'));
  const messages = placed
    ? rendered
    : [...rendered, { role: 'user' as const, pieces: [{ kind: 'document' as const }] }];
  let before = 0;
  return messages.map(({ role, pieces }) => {
    const mark = fixed - before - 1;
    before += pieces.length;
    return { role, content: contentOf(pieces, parts, mark) };
  });
}

/** @param mark index of the piece up to which a provider's cache may keep the prompt, if it is one of these */
function contentOf(pieces: readonly TemplatePiece[], parts: readonly Part[], mark: number): ChatMessage['content'] {
  const content: TemplateContent[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'document') addAll(content, parts);
    else if (piece.kind === 'text' && index === mark) content.push({ ...piece, cacheable: true });
    else addAll(content, [piece]);
  }
  const [only, ...others] = content;
  return only?.kind === 'text' && others.length === 0 && !('cacheable' in only) ? only.text : content;
}

/** A single text is joined to the text before it; several parts of a document stay apart. */
function addAll(content: TemplateContent[], added: readonly (Part | LinkedImage)[]): void {
  const [first, ...others] = added;
  const last = content.at(-1);
  if (first?.kind === 'text' && others.length === 0 && last?.kind === 'text' && !('cacheable' in last))
    content[content.length - 1] = { kind: 'text', text: last.text + first.text };
  else content.push(...added);
}

/** A message of a template, with a place for the document. */
interface RenderedMessage {
  readonly role: ChatMessage['role'];
  readonly pieces: readonly TemplatePiece[];
}

type TemplatePiece = TextPart | LinkedImage | { readonly kind: 'document' };

/**
 * Takes a rendered template apart at its marks: every second piece is one of `role <role>`, `image <url>` and
 * `document`. White space around a message goes, and with it messages that hold nothing else.
 */
function splitMessages(rendered: string, mark: string): readonly RenderedMessage[] {
  const messages: { role: ChatMessage['role']; pieces: TemplatePiece[] }[] = [{ role: 'user', pieces: [] }];
  for (const [index, text] of rendered.split(mark).entries()) {
    const role = index % 2 === 1 && text.startsWith('role ') ? text.slice('role '.length) : null;
    // dotprompt calls the assistant `model`.
    if (role !== null) messages.push({ role: role === 'system' || role === 'user' ? role : 'assistant', pieces: [] });
    else if (index % 2 === 0) messages.at(-1)?.pieces.push({ kind: 'text', text });
    else if (text === 'document') messages.at(-1)?.pieces.push({ kind: 'document' });
    else messages.at(-1)?.pieces.push({ kind: 'linked image', url: text.slice('image '.length) });
  }
  return messages
    .map(({ role, pieces }) => ({ role, pieces: trimmed(pieces) }))
    .filter(({ pieces }) => pieces.length > 0);
}

function trimmed(pieces: readonly TemplatePiece[]): readonly TemplatePiece[] {
  return pieces
    .map((piece, index) => {
      if (piece.kind !== 'text') return piece;
      const text = index === 0 ? piece.text.trimStart() : piece.text;
      return { kind: piece.kind, text: index === pieces.length - 1 ? text.trimEnd() : text };
    })
    .filter((piece) => piece.kind !== 'text' || piece.text !== '');
}

/**
 * What stands before the document in every prompt of a recipe: what is the same for two documents that have nothing in
 * common. `tokens` is estimated.
 */
export function fixedPieces(template: Template): { readonly texts: readonly string[]; readonly tokens: number } {
  const one = textsBefore(template.render({ id: 'b/a', size: 1, mtimeMs: Date.UTC(2001, 0) }));
  const other = textsBefore(template.render({ id: 'e/f/c.d', size: 23, mtimeMs: Date.UTC(2022, 1, 2, 2, 2, 2, 222) }));
  const texts = other.slice(0, commonLength(one, other));
  return { texts, tokens: likelyPromptTokens({ bytes: Buffer.byteLength(texts.join('')) }) };
}

/** The texts of messages, up to the first piece that is no text. */
export function textsBefore(messages: readonly RenderedMessage[]): readonly string[] {
  const pieces = messages.flatMap((message) => message.pieces);
  const end = pieces.findIndex(({ kind }) => kind !== 'text');
  return pieces
    .slice(0, end === -1 ? pieces.length : end)
    .flatMap((piece) => (piece.kind === 'text' ? [piece.text] : []));
}

/** How many of the first texts are the same in both. */
export function commonLength(one: readonly string[], other: readonly string[]): number {
  const end = one.findIndex((text, index) => text !== other[index]);
  return end === -1 ? one.length : end;
}
