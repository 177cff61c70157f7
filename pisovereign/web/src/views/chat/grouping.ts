/** Messages in groups that stay the same when others come before or after them. */

import type { ChatMessage } from "./types";

const SIZE = 10;

export class Grouping {
  private groups: ChatMessage[][] = [];

  /** Return all messages in groups; one whose messages are the same as before is the same array. */
  update(messages: ChatMessage[]): ChatMessage[][] {
    const first = this.groups[0]?.[0]?.key;
    const older = first === undefined ? -1 : messages.findIndex((each) => each.key === first);
    const before = older > 0 ? cut(messages.slice(0, older)) : [];
    const kept = older < 0 ? [] : this.refill(messages.slice(older));
    this.groups = older < 0 ? cut(messages) : [...before, ...kept];
    return this.groups;
  }

  private refill(messages: ChatMessage[]): ChatMessage[][] {
    const groups: ChatMessage[][] = [];
    let at = 0;
    this.groups.forEach((group, number) => {
      const last = number === this.groups.length - 1;
      const now = messages.slice(at, at + (last ? Math.max(group.length, SIZE) : group.length));
      at += now.length;
      if (now.length > 0) groups.push(same(group, now) ? group : now);
    });
    return [...groups, ...cut(messages.slice(at))];
  }
}

function cut(messages: ChatMessage[]): ChatMessage[][] {
  const groups: ChatMessage[][] = [];
  for (let at = 0; at < messages.length; at += SIZE) groups.push(messages.slice(at, at + SIZE));
  return groups;
}

function same(one: readonly ChatMessage[], other: readonly ChatMessage[]): boolean {
  return one.length === other.length && one.every((message, at) => message === other[at]);
}
