// How `certs --text` looks: every certificate of each chain in full, under a line that says whose it is.

import type { View } from '#command/command.ts';
import type { CertificateText } from '#model/certificate-details.ts';
import { renderCertificateText } from '#render/words/certificate-text.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';

export const certsTextView: View<CertificateText> = {
  kind: 'CertificateText',
  table: (items, answer) =>
    items
      .flatMap((item) => textsOf(item, describedPods(item, askedPods(answer))))
      .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])),
  name: ({ secret }) => `secret/${secret}`,
};

function describedPods({ pods }: CertificateText, asked: ReturnType<typeof askedPods>): string {
  const cell = describePods(pods, asked);
  return typeof cell === 'string' ? cell : cell.text;
}

/** Lines of each certificate. `# ` keeps the line apart from what openssl would print. */
function textsOf({ of, secret, details }: CertificateText, pods: string): string[][] {
  return details.map((one, index) => {
    const head = [
      ...(of.length === 0 ? [] : [of.join(', ')]),
      secret,
      `certificate ${index + 1} of ${details.length}`,
      `pods ${pods}`,
    ];
    return [`# ${head.join(' · ')}`, ...renderCertificateText(one)];
  });
}

/** `--pem`: the item is the text. */
export const pemView: View<string> = {
  kind: 'CertificateText',
  table: (items) => ({ document: items.join('') }),
  name: (pem) => pem,
};
