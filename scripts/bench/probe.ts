// Runs inside a gateway's network and asks it without pause: Envoy's admin port for /ready, and the gateway for a page
// of a backend and for a redirect.  node probe.ts HOST Prints a line of JSON for each answer: what was asked, how long
// it took, and where a redirect leads. Ends with its stdin.

import http from 'node:http';
import https from 'node:https';

const [host = ''] = process.argv.slice(2);
const everyMs = 10;
const gateway = { headers: { host }, servername: host, rejectUnauthorized: false };

type Open = (answered: (response: http.IncomingMessage) => void) => http.ClientRequest;

const targets: Readonly<Record<string, Open>> = {
  ready: (answered) => http.get('http://127.0.0.1:15000/ready', { agent: new http.Agent() }, answered),
  request: (answered) => https.get('https://127.0.0.1:8443/one', { ...gateway, agent: agents.request }, answered),
  redirect: (answered) => https.get('https://127.0.0.1:8443/bench', { ...gateway, agent: agents.redirect }, answered),
};
const agents = { request: new https.Agent({ keepAlive: true }), redirect: new https.Agent({ keepAlive: true }) };

/** The next question waits for the answer of the last one: a gateway that is slow is not made slower. */
function ask(what: string, open: Open): void {
  const began = performance.now();
  const again = (): void => void setTimeout(() => ask(what, open), everyMs);
  const request = open((response) => {
    response.resume().once('end', () => {
      process.stdout.write(
        `${JSON.stringify({ what, ms: performance.now() - began, location: response.headers.location })}\n`,
      );
      again();
    });
  });
  request.once('error', again);
}

for (const [what, open] of Object.entries(targets)) ask(what, open);
process.stdin.resume().once('end', () => process.exit());
