import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo } from 'node:net';

/** Stands in for the servers of all hosts, so that what is tested calls an API by its own name, TLS and all. */
export interface HostsProxy {
  /** For `--proxy`. */
  readonly url: string;
  /** The hosts that were asked, in order. */
  readonly hosts: readonly string[];
  close(): Promise<void>;
}

/** Starts a proxy behind which every host is the server at `port` of this machine. */
export async function proxyTo(port: number): Promise<HostsProxy> {
  const hosts: string[] = [];
  const forward = (message: IncomingMessage, response: ServerResponse): void => {
    const { url = '/', method, headers } = message;
    const path = url.replace(/^https?:\/\/[^/]+/, '');
    hosts.push(headers.host ?? '');
    const onward = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    onward.once('error', () => response.destroy());
    message.pipe(onward);
  };
  const secure = createSecureServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, forward);
  const proxy = createServer(forward).on('connect', (_message, socket) => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    secure.emit('connection', socket);
  });
  proxy.listen({ host: '127.0.0.1', port: 0 });
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    hosts,
    close: async () => {
      secure.closeAllConnections();
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

/** Self-signed, of the hosts of all APIs that are known by name. For `NODE_EXTRA_CA_CERTS` of what is tested, and nobody else. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIICjTCCAjKgAwIBAgIUHthz/w8gShs2Qtvs6XPb58zJ0wwwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVYXBpcyBvZiBzbHVpY2VzIHRlc3RzMCAXDTI2MTEzMDE1MDQz
NVoYDzIxMjYxMTA2MTUwNDM1WjAgMR4wHAYDVQQDDBVhcGlzIG9mIHNsdWljZXMg
dGVzdHMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAROETlXtJledQxOTU21/kJc
xdqmjRuAHT/k3kbsTMXJta0tDQblM/QbV7T7DRPK/8qitOpNnAYiF9hj0Vxg4/BV
o4IBRjCCAUIwDwYDVR0TAQH/BAUwAwEB/zCCAQ4GA1UdEQSCAQUwggEBgg1vcGVu
cm91dGVyLmFpgg5hcGkub3BlbmFpLmNvbYIhZ2VuZXJhdGl2ZWxhbmd1YWdlLmdv
b2dsZWFwaXMuY29tgg5hcGkubWlzdHJhbC5haYIMYXBpLmdyb3EuY29tghBhcGku
ZGVlcHNlZWsuY29tgghhcGkueC5haYIRYXBpLmFudGhyb3BpYy5jb22CD2FwaS5j
ZXJlYnJhcy5haYIQYXBpLnRvZ2V0aGVyLnh5eoIQYXBpLmZpcmV3b3Jrcy5haYIS
Ki5vcGVuYWkuYXp1cmUuY29tgidiZWRyb2NrLXJ1bnRpbWUudXMtZWFzdC0xLmFt
YXpvbmF3cy5jb20wHQYDVR0OBBYEFNtf1Btup7J9h2fePZ8RtsquRaafMAoGCCqG
SM49BAMCA0kAMEYCIQDkMpX+ip7zoPbtb2+aTC3LcyvIBRF1XTngAFAz3acqpgIh
AIeiziWW7SN/fo9qnC4CSDbbXy7mSuo6HTAT5nAmAvj4
-----END CERTIFICATE-----`;

const CERTIFICATE_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOk5fdvqrS/Qffnfp
C13KfLgzvNTXsImE2z9htxfpA7OhRANCAAROETlXtJledQxOTU21/kJcxdqmjRuA
HT/k3kbsTMXJta0tDQblM/QbV7T7DRPK/8qitOpNnAYiF9hj0Vxg4/BV
-----END PRIVATE KEY-----`;
