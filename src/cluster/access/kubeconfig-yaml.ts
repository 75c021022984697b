// A kubeconfig's bytes → plain data, as kubectl reads them: the first document counts alone.

import { parseKubeYaml } from '#files/kube-yaml.ts';

/** Throws an Error whose first line names the place of the mistake; the lines after it may hold a token. */
export function readKubeconfigYaml(bytes: Buffer): unknown {
  const [first] = parseKubeYaml(bytes);
  if (first === undefined) return undefined;
  const [mistake] = first.errors;
  if (mistake !== undefined) throw mistake;
  return first.toJS();
}
