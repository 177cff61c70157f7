/** The code of a link such as `/sign-in#K7QM-2XRD`: behind the `#`, so that no server is told of it. */

/** Return the code that the page was opened with; empty: with none. */
export function linkedCode(): string {
  if (location.pathname !== "/sign-in") return "";
  return /^#([0-9A-Z-]{8,24})$/i.exec(location.hash)?.[1]?.toUpperCase() ?? "";
}

/** Leave the address of the code, which is used up. */
export function forgetLinkedCode(next: string): void {
  history.replaceState(null, "", next);
  // The router looks at the address only when it is told to.
  dispatchEvent(new PopStateEvent("popstate"));
}
