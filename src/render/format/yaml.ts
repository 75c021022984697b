// YAML of a document. The package is loaded on first use: no other output pays for it.

/** What YAML 1.1 does not take as it is, or a reader would not see; c-printable, section 5.1. */
const unprintable = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;

export async function renderYaml(data: unknown): Promise<string> {
  const { Document, visit } = await import('yaml');
  // No anchors for what two items share, no folding: a line is a value, as kubectl prints it.
  const document = new Document(data, { aliasDuplicateObjects: false, version: '1.1' });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value !== 'string') return;
      const text: string = node.value;
      // No escape of YAML's is half a surrogate pair.
      node.value = text.toWellFormed();
      if (unprintable.test(text)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 }).replace(new RegExp(unprintable, 'gu'), escaped);
}

/** Each stands in double quotes. */
function escaped(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`;
}
