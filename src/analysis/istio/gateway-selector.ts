// What the selector of a Gateway wants of pods, and what they have in its place.

import type { KubeObject } from '#core/kube-object.ts';
import { andList } from '#core/phrase.ts';
import { specOf } from './gateway-merge.ts';

export interface SelectorDifference {
  /** `istio=ingress,tier=edge` */
  readonly wanted: string;
  /** `istio=ingressgateway and no label tier` */
  readonly have: string;
}

export function selectorDifference(gateway: KubeObject, labels: Readonly<Record<string, string>>): SelectorDifference {
  const wanted = Object.entries(specOf(gateway).selector ?? {});
  const differing = wanted.filter(([key, value]) => labels[key] !== value);
  return {
    wanted: wanted.map(([key, value]) => `${key}=${value}`).join(','),
    have: andList(differing.map(([key]) => (labels[key] === undefined ? `no label ${key}` : `${key}=${labels[key]}`))),
  };
}
