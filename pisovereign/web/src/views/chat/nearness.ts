/** Tells parts of a scrolled list when they come near the screen for the first time. */

import { createContext } from "preact";

const AHEAD = "1500px 0px";

export class Nearness {
  private readonly waiting = new Map<Element, () => void>();
  private observer: IntersectionObserver | null = null;

  /** Call back once `element` is near; returns what ends the waiting. */
  watch(element: Element, callback: () => void): () => void {
    const root = element.closest(".chat-scroll");
    this.observer ??= new IntersectionObserver((entries) => this.note(entries), { root, rootMargin: AHEAD });
    this.waiting.set(element, callback);
    this.observer.observe(element);
    return () => this.forget(element);
  }

  /** Watch nothing any more. */
  end(): void {
    this.observer?.disconnect();
    this.observer = null;
    this.waiting.clear();
  }

  private note(entries: readonly IntersectionObserverEntry[]): void {
    for (const { isIntersecting, target } of entries) {
      const callback = this.waiting.get(target);
      if (!isIntersecting || !callback) continue;
      this.forget(target);
      callback();
    }
  }

  private forget(element: Element): void {
    this.waiting.delete(element);
    this.observer?.unobserve(element);
  }
}

export const NearnessContext = createContext(new Nearness());
