// The services behind the ingress: /slow answers after 1.5 s, /boom with 500, /reset closes, everything else is "ok".

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [key, cert] = process.argv.slice(2).map((file) => readFileSync(file));

function answer(address, request, response) {
  if (request.url.includes('slow')) return setTimeout(() => response.end('slow\n'), 1500);
  if (request.url.includes('boom')) return response.writeHead(500).end('boom\n');
  if (request.url.includes('reset')) return request.socket.destroy();
  return response.writeHead(200, { 'x-backend': address }).end(`ok ${request.url}\n`);
}

for (let number = 1; number <= 33; number++) {
  const address = `10.64.0.${number}`;
  if (number % 7 !== 0) createServer({ key, cert }, (request, response) => answer(address, request, response)).listen(4000, address);
}
