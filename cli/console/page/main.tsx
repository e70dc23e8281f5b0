import { render } from 'preact';
import { AlertPage } from './alert-page.tsx';
import { Tonight } from './tonight.tsx';
import { VisitPage } from './visit-page.tsx';

/** The page of an address; the server answers the same document for all of them. */
function Page({ path }: { path: string }) {
  const [, room, name] = path.split('/').map(decodeURIComponent);
  if (room === 'alerts' && name) return <AlertPage id={name} />;
  if (room === 'visits' && name) return <VisitPage group={name} />;
  return <Tonight />;
}

const place = document.getElementById('page')!;
place.replaceChildren();
render(<Page path={location.pathname} />, place);
