/** Where a link leads: only to the web or to somebody's mailbox. */

export interface Target {
  href: string;
  /** What is shown of it; a host of other letters is shown in the form that cannot be mistaken for another. */
  shown: string;
}

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const LONGEST = 60;

/** Return the target of a link; null: it leads nowhere that one may go from here. */
export function target(href: string): Target | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  if (!SCHEMES.has(url.protocol) || url.username || url.password) return null;
  const path = url.pathname === "/" ? "" : url.pathname;
  const whole = url.protocol === "mailto:" ? url.pathname : `${url.host}${path}${url.search}${url.hash}`;
  return { href: url.href, shown: whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole };
}
