/** The few parts of a browser's page that this one uses: the compiler of the repository knows only Node. */

export interface PageElement {
  readonly dataset: Record<string, string | undefined>;
  readonly files: ArrayLike<File> | null;
  readonly contentWindow: unknown;
  textContent: string | null;
  value: string;
  hidden: boolean;
  disabled: boolean;
  type: string;
  className: string;
  src: string;
  href: string;
  download: string;
  append(...children: (PageElement | string)[]): void;
  replaceChildren(...children: (PageElement | string)[]): void;
  remove(): void;
  addEventListener(type: "click" | "change", listener: () => void): void;
}

interface PageDocument {
  readonly body: PageElement;
  getElementById(id: string): PageElement | null;
  createElement(tag: string): PageElement;
}

interface Message {
  readonly origin: string;
  readonly source: unknown;
  readonly data: unknown;
}

interface PageWindow {
  readonly parent: { postMessage(data: string, origin: string): void };
  readonly location: { readonly origin: string; readonly search: string; assign(url: string): void };
  readonly history: { replaceState(data: null, unused: string, url: string): void };
  readonly sessionStorage: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  addEventListener(type: "message", listener: (message: Message) => void): void;
  removeEventListener(type: "message", listener: (message: Message) => void): void;
}

declare const document: PageDocument;
declare const window: PageWindow;

export const page: PageDocument = document;
export const browser: PageWindow = window;

/** An element of `index.html`. */
export function element(id: string): PageElement {
  const found = page.getElementById(id);
  if (found === null) throw new Error(`the page has no element ${id}`);
  return found;
}

export function create(
  tag: string,
  properties: Partial<PageElement>,
  ...children: (PageElement | string)[]
): PageElement {
  const made = Object.assign(page.createElement(tag), properties);
  made.append(...children);
  return made;
}
