/**
 * The last net: replaces every secret, also as it stands within JSON, whatever way it came into a text.
 * Empty secrets are left out; secrets may be added later.
 */
export function redact(secrets: Iterable<string>): (text: string) => string {
  return (text) => [...secrets].flatMap(forms).reduce((safe, form) => safe.replaceAll(form, '[redacted]'), text);
}

function forms(secret: string): readonly string[] {
  return secret === '' ? [] : [secret, JSON.stringify(secret).slice(1, -1)];
}
