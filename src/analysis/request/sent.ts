// The result of a request that was sent, against the prediction for that pod.

import { isOtherCluster } from '#model/cluster-name.ts';
import type { Explanation, Logged, Outcome, Sent } from '#model/explanation.ts';
import { clustersOfAction } from '#model/route.ts';

/** Where it is not as predicted, in words; empty where it is. Of several outcomes that chance allows one is enough. */
export function deviations({ outcomes, chain }: Explanation, sent: Omit<Sent, 'differs'>): string[] {
  if (!sent.isDecided) return [];
  const possible = outcomes.filter(({ share }) => share > 0);
  // Nobody knows what a client that has left would have been answered.
  const isPredicted =
    (sent.code === undefined && sent.logged?.flags.includes('DC')) || possible.some((outcome) => fits(outcome, sent));
  return [
    ...(isPredicted ? [] : [`predicted ${possible.map(describeOutcome).join(' or ')}`]),
    ...certificateDeviation(chain?.certificates ?? [], sent),
    ...loggedDeviations(possible, sent.logged),
  ];
}

function fits(outcome: Outcome, sent: Omit<Sent, 'differs'>): boolean {
  switch (outcome.kind) {
    case 'unknown':
      return true;
    case 'tcp':
      return sent.code !== undefined;
    case 'forward':
      return sent.code !== undefined && (sent.isOfService !== false || sent.code < 400);
    case 'redirect':
      return (
        sent.code === outcome.code &&
        (sent.by === 'client' || outcome.location === undefined || sent.location === outcome.location)
      );
    default:
      return sent.code === outcome.code;
  }
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'unknown':
      return 'something that cannot be told';
    case 'tcp':
    case 'forward':
      return `an answer of ${outcome.cluster}`;
    case 'redirect':
      return `${outcome.code} to ${outcome.location ?? 'somewhere'}`;
    default:
      return outcome.code === undefined ? 'an end of the connection' : String(outcome.code);
  }
}

function certificateDeviation(
  predicted: NonNullable<Explanation['chain']>['certificates'],
  { serial }: Pick<Sent, 'serial'>,
): string[] {
  const serials = predicted.flatMap((one) => (one.serial === undefined ? [] : [one.serial]));
  return serial === undefined || serials.length === 0 || serials.includes(serial)
    ? []
    : [`certificate ${serial} instead of ${serials.join(' or ')}`];
}

/** The way that the access log tells, where an answer alone does not show that another one was taken. */
function loggedDeviations(possible: readonly Outcome[], logged: Logged | undefined): string[] {
  const clusters = possible.flatMap((outcome) => {
    if (outcome.kind === 'forward' || outcome.kind === 'tcp') return [outcome.cluster];
    // The gateway fails a request before it chooses an endpoint, and logs where the request was to go.
    return outcome.route ? clustersOfAction(outcome.route.action) : [];
  });
  const routes = possible.flatMap(({ route }) => (route ? [route.name] : []));
  const { upstreamCluster: service, routeName: name } = logged ?? {};
  const isOtherService = service !== undefined && isUnlike(clusters, (one) => isOtherCluster(service, one));
  return [
    ...(isOtherService ? [`logged service ${service}`] : []),
    ...(name !== undefined && isUnlike(routes, (one) => one !== name) ? [`logged route ${name}`] : []),
  ];
}

const isUnlike = (predicted: readonly string[], isOther: (one: string) => boolean): boolean =>
  predicted.length > 0 && predicted.every(isOther);
