/** A value as the person wrote it, but for what a URL may hide: user and password, with the host behind them; query; fragment. */
export function masked(text: string): string {
  return text.replace(/^(\w+:\/\/)?.*@.*$/s, '$1***').replace(/([?#]).*$/s, '$1***');
}
