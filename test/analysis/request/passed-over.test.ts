import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { passedOver } from '#analysis/request/passed-over.ts';
import { behaviourOf } from '#analysis/request/route-match.ts';
import type { Route } from '#model/route.ts';
import { prefix, route, routeConfiguration, routeMatch, virtualHost } from '../../support/builders/route.ts';
import { request } from '../../support/builders/way.ts';

const wild = { kind: 'VirtualService', namespace: 'b', name: 'wild' } as const;
const routeFor = (value: string, changes: Partial<Route> = {}): Route =>
  route({ match: prefix(value), from: wild, ...changes });

const textsFor = (path: string, ...others: readonly (readonly [string, Route])[]): string[] => {
  const hosts = [['a.example.test', routeFor('/own')] as const, ...others].map(([domain, own]) =>
    virtualHost({ name: domain, domains: [domain], routes: [own] }),
  );
  const asked = request({ authority: 'a.example.test', path });
  return passedOver(routeConfiguration({ virtualHosts: hosts }), asked, behaviourOf('1.36.0'), undefined).map(
    ({ text }) => text,
  );
};

test('a less specific virtual host that has a route is named, with whose it is', () => {
  assert.equal(textsFor('/other', ['*', routeFor('/other', { from: undefined })], ['*.example.test', routeFor('/')]), [
    'VirtualService b/wild has a route for it under *.example.test, which is not asked: of the domains for this host Envoy takes the most specific one alone, a.example.test. Add such a route for a.example.test',
    'another virtual host has a route for it under *, which is not asked: of the domains for this host Envoy takes the most specific one alone, a.example.test. Add such a route for a.example.test',
  ]);
});

test('one of another host, without such a route, or whose route asks for what nobody knows, is not', () => {
  assert.equal(textsFor('/other', ['b.example.test', routeFor('/')], ['*.example.test', routeFor('/else')]), []);
  const unsure = routeFor('/', { match: routeMatch({ others: ['dynamic_metadata'] }) });
  assert.equal(textsFor('/other', ['*', unsure]), []);
});

test.run();
