/**
 * Both colour schemes, with WCAG 2.2 AA contrast; tables wrap, so that nothing scrolls sideways. Repeats the colours and sizes of
 * `web/styles/tokens.css`, because the API's pages are served even without the website.
 */
export const stylesheet = `
:root { color-scheme: light dark;
  --paper: light-dark(#faf8f4, #131219); --surface: light-dark(#fff, #1d1b25); --line: light-dark(#e2dcd1, #35323f);
  --ink: light-dark(#1c1a24, #f2eff7); --faint: light-dark(#625d6b, #aba6b6);
  --link: light-dark(#5333e0, #b2a2ff); --wash: light-dark(#f0ecff, #272142) }
* { box-sizing: border-box }
html { scroll-behavior: smooth }
body { display: flex; min-height: 100svh; flex-direction: column; margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif }
header, main, footer { width: 100%; max-width: 72rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2rem) }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 1rem; padding-block: 1rem }
header nav { display: flex; gap: clamp(.7rem, 3vw, 1.5rem) }
header nav a { padding-block: .5rem; color: var(--faint); font-size: .95rem; text-decoration: none }
header nav a:hover, header nav a[aria-current] { color: var(--ink); text-decoration: underline; text-underline-offset: .2em }
.wordmark { display: flex; align-items: center; gap: .75rem; color: var(--ink); font-size: 1.2rem; font-weight: 750;
  letter-spacing: -.03em; text-decoration: none }
main { flex: 1; outline: none; padding-bottom: 3.5rem }
footer { padding-block: 2.25rem; color: var(--faint); font-size: .875rem }
footer p { margin: 0 }
h1, h2 { font-weight: 750; letter-spacing: -.025em; line-height: 1.08; text-wrap: balance }
h1 { margin: 1rem 0; font-size: clamp(2rem, 1.3rem + 2.8vw, 3.4rem) }
h2 { margin: 3rem 0 1rem; font-size: clamp(1.35rem, 1.1rem + 1vw, 1.8rem) }
a { color: var(--link); text-underline-offset: .2em }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -99rem }
.skip:focus { left: .5rem; top: .5rem; z-index: 1; background: var(--link); color: var(--paper); padding: .5rem 1rem; border-radius: .55rem }
.within { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem }
code { font: .9em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere }
small { color: var(--faint) }
.method { display: inline-block; min-width: 4.8em; font-weight: 700; white-space: pre }
.contents { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; list-style: none; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--surface) }
.contents li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid }
.problems th, .problems td { overflow-wrap: normal }
.problems th[scope=row] { min-width: 9.5rem }
article { margin-bottom: 1rem; padding: .25rem 1.25rem 1.25rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--surface) }
table { border-collapse: collapse }
th, td { text-align: start; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th[scope=row] { min-width: 6rem; font-weight: 500 }
:target { background: var(--wash) }
dt { font-weight: 500 }
dd { margin: 0 0 .5rem 1rem }
@media (max-width: 44rem) { .contents { grid-template-columns: 1fr; row-gap: .6rem } .contents li > span { padding-inline-start: 1.2em; color: var(--faint) } }
@media (max-width: 26rem) { .wordmark svg { width: 22px; height: 22px } }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto } }
`
