import Handlebars from 'handlebars';
import { UsageError } from '../domain/errors.ts';
import { errorMessage } from '../lib/errors.ts';

/** What a template may print and compare: `size` in bytes, `modified` in ISO 8601, UTC. */
export const VARIABLES = ['document', 'name', 'path', 'size', 'modified'] as const;

export type TemplateVariables = Readonly<Record<(typeof VARIABLES)[number], string | number>>;

/** The blocks of a template, with the number of their arguments. */
const BLOCKS: ReadonlyMap<string, number> = new Map([
  ['if', 1],
  ['unless', 1],
  ['ifEquals', 2],
  ['unlessEquals', 2],
]);

const ROLES = ['system', 'user', 'model', 'assistant'];

/** Of a template with its partials, each counted as often as it is used: so the time to check and render is bounded. */
const MOST_TAGS = 2000;
const MOST_CHARACTERS = 4 * 1024 * 1024;

const DEEPEST_BLOCK = 32;

/** Each is a copy of the whole document in the request. */
const MOST_MENTIONS = 8;

export interface TemplateRights {
  /** It may name images of the web. */
  readonly trusted: boolean;
  /** The source of a partial; null if there is none. */
  readonly readPartial: (name: string) => string | null;
}

/**
 * The partials that a template uses: their sources by name.
 *
 * @throws UsageError with every problem of the template
 */
export function checkTemplate(source: string, rights: TemplateRights): ReadonlyMap<string, string> {
  const survey = new TemplateSurvey(rights);
  const { problems, partials } = survey;
  try {
    survey.walk(source);
  } catch (error) {
    throw new UsageError(`The template: ${errorMessage(error)}`, { cause: error });
  }
  if (survey.mentions > MOST_MENTIONS) problems.push(`It holds the document more than ${MOST_MENTIONS} times.`);
  if (problems.length > 0) throw new UsageError(problems.join(' '));
  return partials;
}

/**
 * Walks through a template and its partials and collects what is wrong with it. Its author may be a stranger, so it
 * gets the variables and a few helpers alone: it reaches no properties, has no loops and always ends.
 */
class TemplateSurvey extends Handlebars.Visitor {
  /** Sentences, each with its place. */
  readonly problems: string[] = [];
  /** Sources by name. */
  readonly partials = new Map<string, string>();
  /** How often the document is placed. */
  mentions = 0;
  readonly #rights: TemplateRights;
  /** The partials that are being walked through, the outermost first. */
  #chain: readonly string[] = [];
  /** Names that a template knows at this place. */
  #scope: readonly string[] = VARIABLES;
  #tags = 0;
  #characters = 0;
  #depth = 0;

  constructor(rights: TemplateRights) {
    super();
    this.#rights = rights;
  }

  /** @throws Error if it is too large */
  walk(source: string): void {
    this.#tags += source.split('{{').length - 1;
    this.#characters += source.length;
    // Before it is parsed: that takes the square of blocks in blocks.
    if (this.#tags > MOST_TAGS) throw new Error(`it has more than ${MOST_TAGS} tags`);
    if (this.#characters > MOST_CHARACTERS) throw new Error(`it has more than ${MOST_CHARACTERS} characters`);
    const program = this.#parsed(source);
    if (program !== null) this.accept(program);
  }

  #parsed(source: string): hbs.AST.Program | null {
    try {
      return Handlebars.parse(source);
    } catch (error) {
      const { line, problem } = syntaxProblem(source, error);
      this.#report(line, problem);
      return null;
    }
  }

  override Program(program: hbs.AST.Program): void {
    if (program.blockParams !== undefined) this.#refuse(program, 'There is no "as |name|".');
    super.Program(program);
  }

  override MustacheStatement(mustache: hbs.AST.MustacheStatement): void {
    const { path, params, hash } = mustache;
    const helper = isPath(path) ? path.original : '';
    if (helper === 'role') this.#role(mustache);
    else if (helper === 'media') this.#media(mustache);
    else if (helper === 'json') this.#arguments(mustache, 1);
    else if (params.length > 0 || hash !== undefined) this.#refuse(mustache, `There is no helper "${helper}".`);
    else this.#variable(path, true);
  }

  override BlockStatement(block: hbs.AST.BlockStatement): void {
    const name = block.path.original;
    const expected = BLOCKS.get(name);
    if (expected === undefined)
      this.#refuse(block, `There is no block "#${name}", only ${listed([...BLOCKS.keys()])}.`);
    else this.#arguments(block, expected, expected === 1);
    this.#depth += 1;
    if (this.#depth > DEEPEST_BLOCK) throw new Error(`its blocks are more than ${DEEPEST_BLOCK} deep`);
    this.accept(block.program);
    this.accept(block.inverse);
    this.#depth -= 1;
  }

  override PartialStatement(partial: hbs.AST.PartialStatement): void {
    const { name } = partial;
    if (partial.params.length > 0)
      this.#refuse(partial, 'A partial takes values by name only: {{> name key="value"}}.');
    for (const { key, value } of partial.hash?.pairs ?? []) {
      // A value that is named like a variable would take its place, also that of the document.
      if (!/^[a-z]\w*$/i.test(key) || VARIABLES.some((variable) => variable === key))
        this.#refuse(partial, `A partial is given nothing by the name of "${key}".`);
      this.#argument(value, false);
    }
    if (isPath(name) && /^[\w-]+$/.test(name.original)) this.#enter(partial, name.original);
    else this.#refuse(partial, 'The name of a partial is a word of letters, digits, "-" and "_".');
  }

  override PartialBlockStatement(partial: hbs.AST.PartialBlockStatement): void {
    this.#refuse(partial, 'There are no partial blocks, only {{> name}}.');
  }

  override Decorator(decorator: hbs.AST.Decorator): void {
    this.#refuse(decorator, 'There are no decorators.');
  }

  override DecoratorBlock(decorator: hbs.AST.DecoratorBlock): void {
    this.#refuse(decorator, 'There are no inline partials: a partial is a file, _name.prompt in recipes/.');
  }

  #enter(partial: hbs.AST.PartialStatement, name: string): void {
    if (this.#chain.includes(name)) return this.#refuse(partial, `The partial "${name}" holds itself.`);
    const source = this.partials.get(name) ?? this.#rights.readPartial(name);
    if (source === null) return this.#refuse(partial, `There is no partial "${name}": no _${name}.prompt in recipes/.`);

    this.partials.set(name, source);
    const outside = { chain: this.#chain, scope: this.#scope };
    this.#chain = [...this.#chain, name];
    this.#scope = [...this.#scope, ...(partial.hash?.pairs ?? []).map(({ key }) => key)];
    this.walk(source);
    this.#chain = outside.chain;
    this.#scope = outside.scope;
  }

  #role(mustache: hbs.AST.MustacheStatement): void {
    const [role, ...others] = mustache.params;
    if (role === undefined || others.length > 0 || !isText(role))
      return this.#refuse(mustache, 'A role is written {{role "system"}}.');
    if (!ROLES.includes(role.value)) this.#refuse(mustache, `There is no role "${role.value}", only ${listed(ROLES)}.`);
  }

  #media(mustache: hbs.AST.MustacheStatement): void {
    const url = mustache.hash?.pairs.find(({ key }) => key === 'url')?.value;
    if (url === undefined || mustache.params.length > 0)
      return this.#refuse(mustache, 'An image is written {{media url="https://..."}} or {{media url=document}}.');
    if (isPath(url) && url.original === 'document') return this.#variable(url, true);
    if (!isText(url) || !/^https?:\/\/\S+$/.test(url.value))
      return this.#refuse(mustache, 'The url of {{media}} is the document, or a web address in quotes.');
    if (!this.#rights.trusted)
      this.#refuse(mustache, 'Images of the web are named by recipes in recipes/ alone, by none in the inbox.');
  }

  #arguments(call: hbs.AST.MustacheStatement | hbs.AST.BlockStatement, expected: number, document = false): void {
    const { length } = call.params;
    if (length !== expected)
      this.#refuse(call, `"${nameOf(call.path)}" takes ${expected === 1 ? 'one value' : 'two values'}, not ${length}.`);
    for (const argument of call.params) this.#argument(argument, document);
    for (const { value } of call.hash?.pairs ?? []) this.#argument(value, false);
  }

  #argument(argument: hbs.AST.Expression, document: boolean): void {
    if (argument.type === 'SubExpression') this.#refuse(argument, 'There are no calls in brackets.');
    else if (isPath(argument)) this.#variable(argument, document);
  }

  #variable(path: hbs.AST.Expression, document: boolean): void {
    const name = nameOf(path);
    if (!isPath(path) || path.data || path.depth > 0 || path.parts.length !== 1 || !this.#scope.includes(name))
      this.#refuse(path, `There is no "${name}", only ${listed(this.#scope)}.`);
    else if (name === 'document' && document) this.mentions += 1;
    else if (name === 'document') this.#refuse(path, 'The document can be placed, but not compared or changed.');
  }

  #refuse({ loc }: hbs.AST.Node, problem: string): void {
    this.#report(loc.start.line, problem);
  }

  #report(line: number, problem: string): void {
    const partial = this.#chain.at(-1);
    const place = partial === undefined ? 'of the template' : `of _${partial}.prompt`;
    this.problems.push(`Line ${line} ${place}: ${problem}`);
  }
}

function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression';
}

function isText(node: hbs.AST.Node): node is hbs.AST.StringLiteral {
  return node.type === 'StringLiteral';
}

function nameOf(node: hbs.AST.Node): string {
  return 'original' in node ? String(node.original) : node.type;
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** What is wrong with a template that Handlebars cannot read, a sentence for people: its own are a parser's. */
function syntaxProblem(source: string, error: unknown): { readonly line: number; readonly problem: string } {
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
