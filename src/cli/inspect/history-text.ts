import type { AttemptRecord } from '../../domain/attempt.ts';
import { isWhole, leftOutInWords } from '../../domain/document.ts';
import type { LedgerAttempt, Receipt, VersionHistory } from '../../domain/receipt.ts';
import { costInWords, counted, elapsedInWords, numeral, usd, visible } from '../../report/words.ts';

/** What `sluice show --history` says to people: all versions of a document, newest first, with exact times. */
export function historyText(id: string, versions: readonly VersionHistory[]): string {
  return [visible(id), ...versions.flatMap(versionLines)].join('\n');
}

function versionLines(version: VersionHistory): string[] {
  const { document, sha256, recipe, attempts, receipt } = version;
  const modifiedAt = new Date(document.mtimeMs).toISOString();
  const by = recipe?.name === '' ? 'the document itself as the prompt' : `recipe ${visible(recipe?.name ?? '')}`;
  return [
    '',
    `${version.current ? 'Current version' : 'Older version'}: ${stateInWords(version)}`,
    `  Bytes: ${numeral(document.size)}, SHA-256 ${sha256 ?? 'unknown'}, modified ${modifiedAt}`,
    recipe === null
      ? `  Asked: not by a recipe that is known, at ${visible(version.api)}`
      : `  Asked: ${visible(recipe.model)} at ${visible(recipe.api)}, ${by}`,
    attempts.length === 0 ? '  Attempts: none' : '  Attempts:',
    ...attempts.map((attempt) => `    ${attemptInWords(attempt)}`),
    ...(receipt === null ? [] : receiptLines(receipt)),
  ];
}

function stateInWords({ state, code, reason, result, dueAt, updatedAt }: VersionHistory): string {
  const why = reason === null ? '' : `: ${visible(reason)} (${visible(code ?? 'no code')})`;
  const where = result === null ? '' : `, result ${visible(result)}`;
  const due = dueAt === null ? '' : `, not to be asked before ${new Date(dueAt).toISOString()}`;
  return `${state} since ${visible(updatedAt)}${why}${where}${due}`;
}

function attemptInWords({ number, startedAt, generationId, record, counts }: LedgerAttempt): string {
  const facts = record === null ? ['has not ended'] : recordInWords(record);
  if (generationId !== null) facts.push(visible(generationId));
  if (!counts && record !== null && record.verdict !== 'answer') facts.push('no longer counts');
  return `${number}. ${visible(startedAt)}: ${facts.join(', ')}`;
}

function recordInWords(record: AttemptRecord): string[] {
  const { code, message, status, verdict, billing, costUsd, costFrom, seconds, provider } = record;
  const unknown = billing === 'in doubt' ? 'billing in doubt' : 'cost unknown';
  const known = costUsd === null ? unknown : `${usd(costUsd)}${sourceInWords(costFrom)}`;
  return [
    `${visible(message)} (${visible(code)}${status === null ? '' : `, HTTP ${status}`})`,
    `verdict ${verdict}`,
    billing === 'none' ? 'not billed' : known,
    elapsedInWords(seconds),
    ...(provider === null ? [] : [`by ${visible(provider)}`]),
  ];
}

function receiptLines(receipt: Receipt): string[] {
  const { reusedFrom, answeredAt, attempts, costUsd, costFrom, costUnknownAttempts } = receipt;
  const served = visible(receipt.servedModel ?? receipt.requestedModel);
  const by = receipt.provider === null ? served : `${served} by ${visible(receipt.provider)}`;
  const cost =
    reusedFrom === null
      ? `${costInWords({ costUsd: costUsd ?? 0, costUnknownAttempts })}${sourceInWords(costFrom)} for ${counted(attempts, 'call')}`
      : `nothing, the answer was made for ${visible(reusedFrom)}`;
  const cached = receipt.cachedTokens ? ` (${numeral(receipt.cachedTokens)} of them from a cache)` : '';
  const thought = receipt.reasoningTokens ? ` (${numeral(receipt.reasoningTokens)} of them thought)` : '';
  return [
    '  Receipt:',
    `    Answered ${visible(answeredAt)} by ${by} in ${elapsedInWords(receipt.seconds)}`,
    `    Tokens: ${tokens(receipt.promptTokens)} in${cached}, ${tokens(receipt.completionTokens)} out${thought}`,
    `    Cost: ${cost}`,
    `    Generation: ${visible(receipt.generationId ?? 'unknown')}`,
    `    Fingerprint: ${receipt.fingerprint}`,
    ...(isWhole(receipt) ? [] : [`    Left out: ${visible(leftOutInWords(receipt.leftOut))}`]),
    ...(receipt.readers === null || receipt.readers.length === 0
      ? []
      : [`    Read by: ${visible(receipt.readers.join(', '))}`]),
    ...(receipt.refusal === null ? [] : [`    Refusal: ${visible(receipt.refusal)}`]),
    ...receipt.notes.map((note) => `    Note: ${visible(note)}`),
  ];
}

function tokens(count: number | null): string {
  return count === null ? 'an unknown number' : numeral(count);
}

/** Who told a cost, where it was not the API itself. */
export function sourceInWords(costFrom: Receipt['costFrom']): string {
  return costFrom === null || costFrom === 'told' || costFrom === 'unknown' ? '' : ` (by ${visible(costFrom)})`;
}
