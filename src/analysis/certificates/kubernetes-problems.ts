// The certificate that pods hold against the Secret that it came from and the cert-manager Certificate that fills that.

import { type NextStep, step } from '#core/shell.ts';
import type { CertificateProblem, HostCertificate } from '#model/host-certificate.ts';
import {
  type CertManagerCertificate,
  compareWithSecret,
  fills,
  type KubernetesCertificate,
  notTaken,
} from '#model/kubernetes-certificate.ts';

/** `loadedAt`: when the pods took what they hold. */
export function kubernetesProblems(
  value: HostCertificate,
  loadedAt: string | undefined,
  kubernetes: KubernetesCertificate,
  now: Date,
): CertificateProblem[] {
  const { issuedBy } = kubernetes;
  return [
    ...secretProblems(value, loadedAt, kubernetes),
    ...keyProblems(kubernetes),
    ...(issuedBy ? fillingProblems(issuedBy, kubernetes, now) : []),
  ];
}

function secretProblems(
  value: HostCertificate,
  loadedAt: string | undefined,
  kubernetes: KubernetesCertificate,
): CertificateProblem[] {
  const { namespace, name, content } = kubernetes;
  const isLoaded = value.envoySecret !== undefined && value.envoySecret.state !== 'warming';
  const secret = `Secret ${namespace}/${name}`;
  const changed = content?.changedAt === undefined ? '' : `, changed ${content.changedAt},`;
  const next = [step`kubectl -n ${namespace} describe secret ${name}`];
  switch (compareWithSecret(value, kubernetes)) {
    case 'same':
    case 'withheld':
      return [];
    case 'absent': {
      const text = isLoaded
        ? `${secret} does not exist any more: pods lose the certificate when they restart`
        : `${secret} does not exist${elsewhere(value, namespace)}`;
      return [
        {
          code: 'secret-absent',
          severity: isLoaded ? 'warning' : 'error',
          text,
          next: [step`kubectl -n ${namespace} get certificate,secret`],
        },
      ];
    }
    case 'unreadable':
      return [
        {
          code: 'secret-unreadable',
          severity: 'error',
          text: `${secret}${changed} cannot be used: ${content?.unreadable ?? 'it holds no certificate'}`,
          next,
        },
      ];
    case 'not-loaded':
      return [
        {
          code: 'secret-not-loaded',
          severity: 'error',
          text: `${secret}${changed} is there, and Envoy does not have it: ${notTaken}`,
          next: [step`kubectl istio-ingress status`],
        },
      ];
    case 'differs': {
      const [there, here] = [content?.chain[0], value.envoySecret?.chain[0]];
      const loaded = loadedAt === undefined ? '' : `, loaded ${loadedAt.replace(/\.\d+Z$/, 'Z')}`;
      const text = `${secret}${changed} holds serial ${there?.serial} until ${there?.notAfter}; the pods hold ${here ? `serial ${here.serial} until ${here.notAfter}` : 'none that can be read'}${loaded}`;
      return [{ code: 'secret-differs', severity: 'error', text, next: [step`kubectl istio-ingress status`] }];
    }
  }
}

/** Pods that are there go on with what they have taken before. */
function keyProblems({ namespace, name, content }: KubernetesCertificate): CertificateProblem[] {
  if (content?.keyProblem === undefined) return [];
  const changed = content.changedAt === undefined ? '' : `, changed ${content.changedAt},`;
  const text = `Secret ${namespace}/${name}${changed} cannot be used: ${content.keyProblem}`;
  return [
    {
      code: 'secret-unusable',
      severity: 'error',
      text,
      about: { kind: 'Secret', namespace, name },
      next: [step`kubectl -n ${namespace} describe secret ${name}`],
    },
  ];
}

function fillingProblems(
  issuedBy: CertManagerCertificate,
  kubernetes: KubernetesCertificate,
  now: Date,
): CertificateProblem[] {
  const { namespace, name, secretName } = issuedBy;
  const { rivals = [] } = kubernetes;
  if (!fills(issuedBy, kubernetes)) {
    const text = `cert-manager Certificate ${namespace}/${name}, which filled Secret ${namespace}/${kubernetes.name}, fills Secret ${secretName} now: it does not renew this one any more`;
    return [{ code: 'renewal-late', severity: 'warning', text, next: showCertificate(issuedBy) }];
  }
  const contest = `cert-manager Certificates ${[name, ...rivals].join(', ')} of ${namespace} fill the same Secret ${secretName}: each writes over what another has issued`;
  return [
    ...(rivals.length === 0
      ? []
      : [
          {
            code: 'issuer-not-ready',
            severity: 'error',
            text: contest,
            next: [step`kubectl -n ${namespace} get certificate ${[name, ...rivals]}`],
          } as const,
        ]),
    ...issuerProblems(issuedBy, now),
  ];
}

/** Why an attempt takes long or has failed stands in what was made for it, in the columns of `-o wide`. */
const showCertificate = ({ namespace, name, failure, issuingSince }: CertManagerCertificate): NextStep[] => [
  step`kubectl -n ${namespace} describe certificate ${name}`,
  ...(failure === undefined && issuingSince === undefined
    ? []
    : [step`kubectl -n ${namespace} get certificaterequest,order,challenge -o wide`]),
];

function issuerProblems(certificate: CertManagerCertificate, now: Date): CertificateProblem[] {
  const { namespace, name, isReady, reason, message, since, renewalTime, failure, isOutdated } = certificate;
  const subject = `cert-manager Certificate ${namespace}/${name}`;
  const attempt = describeAttempt(certificate);
  const next = showCertificate(certificate);
  if (!isReady) {
    const why = [reason, message].filter((part) => part !== undefined).join(', ') || 'it has no status';
    const text = `${subject} is not ready${since === undefined ? '' : ` since ${since}`}: ${why}${attempt}`;
    return [{ code: 'issuer-not-ready', severity: 'error', text, next }];
  }
  const isLate = renewalTime !== undefined && Date.parse(renewalTime) <= now.getTime();
  const text = isLate
    ? `${subject} should have been renewed on ${renewalTime}${attempt}`
    : isOutdated
      ? `${subject} has been changed, and cert-manager has not said since whether it is ready${attempt}`
      : `${subject} is ready as it is${attempt}`;
  return isLate || isOutdated || failure !== undefined
    ? [{ code: 'renewal-late', severity: 'warning', text, next }]
    : [];
}

/** What became of the last attempt, or that there is one: conditions of the Certificate itself do not say so. */
function describeAttempt({ failure, issuingSince }: CertManagerCertificate): string {
  const { at, attempts = 0, reason, message } = failure ?? {};
  const times = attempts > 1 ? ` (${attempts} in a row)` : '';
  const failed = failure && `; the last attempt${at === undefined ? '' : `, at ${at},`} failed${times}`;
  const why = [reason, message].filter((part) => part !== undefined).join(', ');
  const since = issuingSince === '' ? '' : ` since ${issuingSince}`;
  const going = issuingSince === undefined ? '' : `; it is being issued${since}`;
  return `${failed ?? ''}${why === '' ? '' : `: ${why}`}${going}`;
}

/** A Secret beside its Gateway is what people make first. */
const elsewhere = ({ gateway }: HostCertificate, namespace: string): string =>
  gateway === undefined || gateway.namespace === namespace
    ? ''
    : `: the gateway takes it from its own namespace, not from ${gateway.namespace}, where its Gateway is`;
