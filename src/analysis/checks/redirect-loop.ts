import { defineCheck } from '#analysis/check/check.ts';
import { redirectLoops } from '#analysis/check/redirect-loops.ts';
import { describeRoute, eachOnce } from '#analysis/check/route-findings.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII058',
  section: 'routes',
  severity: 'error',
  name: 'redirect-loop',
  title: 'no redirect leads back to itself',
  reason: 'A browser gives up after some twenty redirects (ERR_TOO_MANY_REDIRECTS); no service sees a request.',
  remedy:
    'Narrow the match of the route, as to an exact path or to plain http by its port or `x-forwarded-proto`, or redirect to another host or path.',
  needs: ['configurations'],
  perPod: true,
  find: ({ configurations }) =>
    eachOnce(
      configurations.flatMap(({ listeners, routes, pods }) =>
        redirectLoops(listeners, routes).map(({ url, host, routes: taken }) => {
          const objects = taken.flatMap(({ from }) => from ?? []);
          return {
            text: `${url} is redirected to itself again and again: ${taken.map(describeRoute).join(', then ')}`,
            concerns: objects,
            hosts: [host],
            next: [...objects.slice(0, 1).map(showObject), step`kubectl istio-ingress explain ${url}`],
            pods,
          };
        }),
      ),
    ),
});
