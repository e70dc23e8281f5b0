import type { ComponentChildren } from 'preact';

/** What all pages have: the way to the content, the name, and what is wrong where something is. */
export function Frame(props: {
  trouble?: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header>
        <a class="name" href="/">
          Nightshift
        </a>
        <p>{props.aside ?? <a href="/">The night</a>}</p>
      </header>
      {props.trouble && (
        <p class="trouble" role="alert">
          {props.trouble}
        </p>
      )}
      <main id="content" tabIndex={-1}>
        {props.children}
      </main>
    </>
  );
}
