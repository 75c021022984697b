import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unreadSections } from '#dump/unread-sections.ts';

const of = (...configs: readonly object[]): string[] => unreadSections({ configs });
const type = (name: string): object => ({ '@type': `type.googleapis.com/envoy.admin.v3.${name}` });

test('sections that no reader takes are named, and so are lists of known ones', () => {
  const known = { ...type('RoutesConfigDump'), dynamicRouteConfigs: [], static_route_configs: null };
  assert.equal(of(known, { ...type('BootstrapConfigDump'), bootstrap: {}, last_updated: '2026-11-23T12:00:00Z' }), []);
  assert.equal(of(type('NewConfigDump'), { ...known, new_routes: [] }, {}), [
    'envoy.admin.v3.NewConfigDump',
    'RoutesConfigDump.new_routes',
    'a section without @type',
  ]);
});

test.run();
