import { withoutEncodings } from './reply/encodings.ts';

/** An encoded form that is shorter might stand in any text. */
const SHORTEST_FORM = 8;

/** A secret as it may stand in a text without encodings: as it is, in a form's data, in hex, and anywhere in base64. */
export function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const encoded = [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((lead) => withinBase64(bytes, lead))];
  const plain = withoutEncodings(secret);
  return [plain, plain.replaceAll(' ', '+'), ...encoded.filter(({ length }) => length >= SHORTEST_FORM)];
}

/** The letters of base64 that are all the secret's own where `lead` bytes stand before it, in both alphabets. */
function withinBase64(bytes: Buffer, lead: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(lead), bytes]);
  const first = Math.ceil((lead * 8) / 6);
  const end = Math.floor((whole.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((alphabet) => whole.toString(alphabet).slice(first, end));
}
