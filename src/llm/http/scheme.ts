import { isIP } from 'node:net';
import { connect } from 'node:tls';

const LONGEST_HANDSHAKE_MS = 3000;

/** Whether a server shakes hands over TLS at this address. Nothing is sent to it. Never rejects. */
export function takesTls({ hostname, port }: Pick<URL, 'hostname' | 'port'>): Promise<boolean> {
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    // Whose certificate it is does not matter here.
    const options = { rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) };
    const socket = connect({ host, port: Number(port === '' ? 80 : port), ...options });
    const end = (takes: boolean): void => {
      resolve(takes);
      socket.destroy();
    };
    socket.setTimeout(LONGEST_HANDSHAKE_MS, () => end(false));
    socket.once('secureConnect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** OpenSSL's words where the other side does not speak TLS. */
export function speaksNoTls(words: string): boolean {
  return /wrong[_ ]version[_ ]number|packet[_ ]length[_ ]too[_ ]long|:http request/i.test(words);
}
