/** All views that the session may open, in their groups. */

import { t } from "../text/t";
import { VIEWS, type View } from "../views";
import { NavigationLink } from "./NavigationLink";
import { may } from "./session";

const GROUPS = ["main", "more", "device"] as const;

/** Return the views of a group that the session may open. */
export function viewsOf(place: View["place"]): readonly View[] {
  return VIEWS.filter((view) => view.place === place && may(view.scope));
}

export function NavigationLists({ onFollow }: { onFollow?: () => void }) {
  return (
    <>
      {GROUPS.filter((group) => viewsOf(group).length > 0).map((group) => (
        <ul key={group} class="navigation-list" aria-label={t(`navigation.${group}`)}>
          {viewsOf(group).map((view) => (
            <li key={view.path}><NavigationLink view={view} {...(onFollow && { onFollow })} /></li>
          ))}
        </ul>
      ))}
    </>
  );
}
