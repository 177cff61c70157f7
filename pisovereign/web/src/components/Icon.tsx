/** The icons there are, by name. Add one by importing it from lucide (names: its own, in PascalCase). */

import { createElement } from "preact";
import {
  Activity, AlarmClock, Archive, ArrowDown, ArrowUp, BellRing, Boxes, Brain, Calendar, Check, ChevronDown, ChevronLeft,
  ChevronRight, CircleAlert, CircleCheck, Clock, Cloud, Copy, Cpu, Download, Ellipsis, Eye, FileText, History, House, Info, KeyRound,
  ListChecks, LogOut, Mail, Menu, MessageCircle, Mic, Monitor, Moon, Pause, Pencil, Pin, Play, Plug, Plus, QrCode,
  RefreshCw, Search, SendHorizontal, Settings, ShieldCheck, Smartphone, Square, Sun, Terminal, Timer, Trash2,
  TriangleAlert, Upload, Users, Volume2, Workflow, Wrench, X, type IconNode,
} from "lucide";

const ICONS = {
  activity: Activity, alarm: AlarmClock, archive: Archive, down: ArrowDown, up: ArrowUp, bell: BellRing, boxes: Boxes,
  brain: Brain, calendar: Calendar, check: Check, expand: ChevronDown, left: ChevronLeft, right: ChevronRight,
  alert: CircleAlert, done: CircleCheck, clock: Clock, cloud: Cloud, copy: Copy, cpu: Cpu, download: Download,
  more: Ellipsis, eye: Eye, file: FileText, history: History, home: House, info: Info, key: KeyRound, list: ListChecks, logout: LogOut,
  mail: Mail, menu: Menu, chat: MessageCircle, microphone: Mic, aloud: Volume2,
  monitor: Monitor, moon: Moon, pause: Pause, edit: Pencil, pin: Pin,
  play: Play, plug: Plug, plus: Plus, qr: QrCode, refresh: RefreshCw, search: Search, send: SendHorizontal,
  settings: Settings, shield: ShieldCheck, phone: Smartphone, stop: Square, sun: Sun, terminal: Terminal, timer: Timer,
  trash: Trash2, warning: TriangleAlert, upload: Upload, users: Users, workflow: Workflow, wrench: Wrench, close: X,
} satisfies Record<string, IconNode>;

export type IconName = keyof typeof ICONS;

/** An icon beside words: it says nothing to who cannot see it. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width={2}
      stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"
    >
      {ICONS[name].map(([tag, attributes], at) => createElement(tag, { key: at, ...attributes }))}
    </svg>
  );
}
