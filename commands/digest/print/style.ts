/** The look of the HTML page, light and dark, also on a phone. */
export const style = `
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --page: #fff; --line: #d1d9e0; --code: #f0f2f5; --link: #0550ae; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #a8b3bf; --page: #0d1117; --line: #3d444d; --code: #21262d; --link: #79b8ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.2rem; margin-top: 2rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
a { color: var(--link); }
.headline { list-style: none; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 6px; }
nav ol { columns: 16rem; color: var(--soft); }
code { background: var(--code); border-radius: 4px; padding: 0.1em 0.3em; font-size: 0.875em; white-space: pre-wrap; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin: 0.75rem 0; }
table { border-collapse: collapse; min-width: 100%; }
th, td { border: 1px solid var(--line); padding: 0.35rem 0.6rem; text-align: left; vertical-align: top; }
details { margin: 0.5rem 0; padding: 0.25rem 0.75rem; border: 1px solid var(--line); border-radius: 6px; }
summary { cursor: pointer; }
svg { font: 13px system-ui, sans-serif; }
svg .arrow { fill: none; stroke: var(--soft); }
svg .tip { fill: var(--soft); }
`;
