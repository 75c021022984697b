// The page of `report`: one file, its script, its style and its data inside. What comes from a cluster is in it as data
// alone, and the page may ask for nothing from anywhere (Content Security Policy, CSP Level 3).

import { createHash } from 'node:crypto';
import type { Report } from '#model/report.ts';
import { cleanText } from '#render/format/terminal.ts';
import assets from './report-page.gen.json' with { type: 'json' };

export interface PageParts {
  readonly report: Report;
  /** The snapshot as base64; undefined where the report is of a directory. */
  readonly archive: string | undefined;
  /** What the file begins with, and the element that holds the snapshot, as whoever reads the page finds them. */
  readonly start: string;
  readonly archiveStart: string;
}

export function renderPage({ report, archive, start, archiveStart }: PageParts): string {
  const { script, style } = assets;
  const { namespace, name } = report.gateway;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return [
    start,
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escaped(`Incident ${namespace}/${name}, ${report.takenAt}`)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<noscript><p>${escaped(report.worst.text)}</p><p>This page needs JavaScript, which it has inside. It asks for nothing from anywhere.</p></noscript>`,
    `<script type="application/json" id="report">${embedded(report)}</script>`,
    `<script>${script}</script>`,
    ...(archive === undefined ? [] : [`${archiveStart}${archive}</script>`]),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * Without what ends or opens an element of HTML (HTML Standard §4.12.1.3, "Restrictions for contents of script
 * elements"), and of each text without what hides or turns its direction, as on a terminal.
 */
const embedded = (data: unknown): string =>
  JSON.stringify(data, (_, value: unknown) => (typeof value === 'string' ? cleanText(value) : value)).replaceAll(
    '<',
    '\\u003c',
  );

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escaped = (text: string): string => cleanText(text).replace(/[&<>"]/g, (one) => entities[one] ?? one);
