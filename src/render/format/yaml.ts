// YAML of a document. The package is loaded on first use: no other output pays for it.

export async function renderYaml(document: unknown): Promise<string> {
  const { stringify } = await import('yaml');
  // No anchors for what two items share, no folding: a line is a value, as kubectl prints it.
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 0, version: '1.1' });
}
