/** Bytes in which a declaration must stand, as browsers hold it. */
const HEAD_BYTES = 1024;

const DECLARATIONS: readonly RegExp[] = [
  /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)["']/,
  /^\s*<[^]*?<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)/i,
  /^\s*<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)/i,
  /^@charset "([\w.:-]+)";/,
  // PEP 263, and Emacs: a comment in one of the first two lines.
  /^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=][ \t]*([-\w.]+)/,
  /^(?:[^\n]*\n)?[^\n]*?-\*-[^\n]*?\bcoding:[ \t]*([-\w.]+)/,
];

/** The encoding that a text of which ASCII can be read says it has, as `TextDecoder` names it; null where it says none. */
export function declaredEncoding(bytes: Buffer): string | null {
  const head = bytes.toString('latin1', 0, HEAD_BYTES);
  const [label] = DECLARATIONS.flatMap((declaration) => declaration.exec(head)?.[1] ?? []);
  // Python's and Emacs's names.
  return label?.replace(/^(?:iso-)?latin-(?=\d)/i, 'latin') ?? null;
}
