import { randomUUID } from 'node:crypto';

/** Bytes of a temp file's name. */
export const TEMP_NAME_BYTES = 48;

/** Also the name by which `probeFolding` tries accents, in either spelling. */
const PATTERN = /^\.sluic(?:e|é)-[0-9a-f-]{36}\.tmp$/;

/** A new name for a temp file: a dot name that ends in `.tmp`, so that nobody takes it for a document or a result. */
export function tempName(): string {
  return `.sluice-${randomUUID()}.tmp`;
}

export function isTempName(name: string): boolean {
  return PATTERN.test(name.normalize('NFC'));
}
