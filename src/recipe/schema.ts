import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { errorMessage } from '../domain/errors.ts';
import type { JsonRecord } from '../lib/json.ts';
import { costsOf } from './costly-schema.ts';
import { isEndless } from './endless-schema.ts';
import { onlyOwner } from './only-owner.ts';
import type { Report } from './report.ts';

/** Keywords that say something to people or to other programs. */
const VOCABULARY = ['discriminator', 'example', 'externalDocs', 'propertyOrdering', 'xml'];

const UNKNOWN_KEYWORD = /unknown keyword: "(.*)"/;

/** Anybody's own. */
const OWN_KEYWORD = /^x-/;

const NO_KEYWORD = 'which is no keyword of JSON Schema: that is what a schema with a type is taken for';

const BUSY = 'which could keep the program busy without end';

interface Findings {
  readonly keywords: Set<string>;
  readonly patterns: Set<string>;
}

/**
 * Reports why no answer could be held to a JSON Schema: of draft 7, or of 2020-12 where its `$schema` says so. What may
 * keep a validator busy is the author's own risk: who is not trusted has none of it.
 */
export function checkSchema(schema: JsonRecord, trusted: boolean, where: string, report: Report): void {
  const costs = trusted ? [] : costsOf(schema);
  for (const cost of costs) report(where, onlyOwner(`${cost}, ${BUSY}`));
  if (costs.length > 0) return;

  const findings: Findings = { keywords: new Set(), patterns: new Set() };
  try {
    compile(schema, findings);
  } catch (error) {
    report(where, `is no valid JSON Schema: ${errorMessage(error)}`);
  }
  for (const keyword of findings.keywords) report(where, `has ${JSON.stringify(keyword)}, ${NO_KEYWORD}`);

  if (!trusted && findings.patterns.size > 0) report(where, onlyOwner(`has a pattern, ${BUSY}`));
}

function compile(schema: JsonRecord, findings: Findings): void {
  if (Object.hasOwn(schema, '$async')) throw new SyntaxError('$async is not for answers');

  const ajv = createAjv(schema, findings);
  if (ajv.validateSchema(schema) !== true) throw new SyntaxError(ajv.errorsText(ajv.errors, { dataVar: 'schema' }));

  // What was found so far is of the schema of schemas.
  findings.keywords.clear();
  findings.patterns.clear();
  // Compiling would not end either.
  if (isEndless(schema)) throw new SyntaxError('it refers to itself without end');
  ajv.compile(schema);
}

function createAjv(schema: JsonRecord, { keywords, patterns }: Findings): Ajv {
  const note = (warning: unknown): void => {
    const [, keyword] = UNKNOWN_KEYWORD.exec(String(warning)) ?? [];
    if (keyword !== undefined && !OWN_KEYWORD.test(keyword)) keywords.add(keyword);
  };
  const regExp = Object.assign(
    (pattern: string, flags: string) => {
      patterns.add(pattern);
      return new RegExp(pattern, flags);
    },
    { code: 'new RegExp' },
  );
  const options: Options = {
    strict: false,
    strictSchema: 'log',
    logger: { log: note, warn: note, error: note },
    code: { regExp },
  };
  const ajv = String(schema['$schema']).includes('2020-12') ? new Ajv2020(options) : new Ajv(options);
  formats.default(ajv);
  ajv.addVocabulary(VOCABULARY);
  return ajv;
}
