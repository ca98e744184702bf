/** Both colour schemes, in contrasts of WCAG 2.2 AA; wide tables scroll by themselves. */
export const stylesheet = `
:root { color-scheme: light dark; --ink: light-dark(#1c1b22, #eceaf2); --paper: light-dark(#fff, #17161c);
  --faint: light-dark(#5d5a68, #a9a5b5); --line: light-dark(#dcd9e4, #3a3744); --link: light-dark(#0b57c2, #8ab8ff); }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif }
header { border-bottom: 1px solid var(--line) }
header nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: .75rem 1rem; max-width: 62rem; margin: auto }
main { max-width: 62rem; margin: auto; padding: 1rem 1rem 4rem }
a { color: var(--link) }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
.skip { position: absolute; left: -99rem }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere }
small { color: var(--faint) }
.method { display: inline-block; min-width: 4.2em; font-weight: 700 }
.contents { list-style: none; padding: 0 }
article { border-top: 1px solid var(--line); padding: .5rem 0 1.5rem }
table { display: block; overflow-x: auto; border-collapse: collapse }
th, td { text-align: start; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line) }
th[scope=row] { font-weight: 500; white-space: nowrap }
:target { background: light-dark(#fff6d6, #3a3217) }
dt { font-weight: 500 }
dd { margin: 0 0 .5rem 1rem }
`
