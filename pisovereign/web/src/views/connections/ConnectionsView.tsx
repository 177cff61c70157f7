/** Everything that can be connected, or the form of one: `?kind=email`. */

import { useLocation } from "preact-iso/router";
import { ConnectionDetail } from "./ConnectionDetail";
import { ConnectionList } from "./ConnectionList";

export default function ConnectionsView() {
  const { query } = useLocation();
  return query.kind ? <ConnectionDetail key={query.kind} kind={query.kind} /> : <ConnectionList />;
}
