// It brings no types.
declare module 'proxy-from-env' {
  /** Empty if there is none for this URL. */
  export function getProxyForUrl(url: string): string;
}
