/** A link with its target in plain sight: what a model or a mail calls it may be a lie. */

import type { ComponentChildren } from "preact";
import { visible } from "../text/visible";
import { target } from "./target";

export function Link({ href, text, children }: { href: string; text: string; children: ComponentChildren }) {
  const leads = target(href);
  if (!leads) return <>{children}<span class="link-target"> ({visible(href)})</span></>;
  const said = text === href || text === leads.shown || leads.href === `mailto:${text}`;
  return (
    <>
      <a href={leads.href} target="_blank" rel="noopener noreferrer nofollow" title={leads.href}>
        {text ? children : leads.shown}
      </a>
      {!said && text && <span class="link-target"> ({leads.shown})</span>}
    </>
  );
}
