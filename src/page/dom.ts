// Elements made of somebody else's text: it becomes text nodes and attributes, never markup.

export type Child = Node | string | undefined | false | readonly Child[];

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** `true` is an attribute without a value; undefined and false are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes,
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function filled<T extends Element>(element: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    if (typeof child === 'string' || child instanceof Node) parent.append(child);
    else append(parent, child);
  }
}

/** A name without spaces: where it is too long for its place, it ends a line after a dot or a slash. */
export const breakable = (name: string): Child =>
  name.split(/(?<=[./])/).map((part, index) => [index > 0 && h('wbr', {}), part]);

/** For screen readers alone. */
export const hidden = (text: string): HTMLElement => h('span', { class: 'sr' }, text);

/** A heading with what stands below it. */
export const section = (id: string, title: string, ...children: readonly Child[]): HTMLElement =>
  h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), ...children);

/** Only to http and https: the page was made with such links, and a stranger may have changed it. */
export function externalLink(url: string, text: string): HTMLElement {
  const protocol = URL.parse(url)?.protocol;
  return protocol === 'https:' || protocol === 'http:'
    ? h('a', { href: url, rel: 'noreferrer noopener', target: '_blank' }, text)
    : h('span', {}, text);
}
