/**
 * The document around the page: everything that changes is drawn by the script, so that a title is all that it is
 * told. Titles come from addresses, so they are escaped.
 */
export const shell = (title: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
</head>
<body>
<main id="page">
<noscript><p>This page is drawn by its script; without it, <code>nightshift ledger</code> tells the same.</p></noscript>
</main>
</body>
</html>
`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!);
