/** What the parts of the page are given: nothing is global. */

import type { AccountsView, EntryView, FileView, JobView } from "./views";

export type Mode = "text-to-video" | "image-to-video" | "reference-to-video" | "video-edit";

/** A file in a form, with the one from which it was fixed. */
export interface FormFileView extends FileView {
  before?: FormFileView;
}

/** The text of a key in the visitor's language, with the values filled in for its {blanks}. */
export interface Words {
  (key: string, values?: Record<string, string | number>): string;
  /** The text of `key.one`, `key.other` … that is right for `count`, which is filled in for {count}. */
  count(key: string, count: number, values?: Record<string, string | number>): string;
  has(key: string): boolean;
}

/** What the browser remembers: JSON by key; null where nothing is, or the browser keeps nothing. */
export interface Store {
  /** What `read` makes of the value that is stored, or of null. */
  get<T>(key: string, read: (stored: unknown) => T): T;
  set(key: string, value: unknown): void;
}

/** Asks one of the studio's addresses (below `studio/`) and gives its JSON; throws a Refusal. */
export type Ask = (path: string, data?: unknown, options?: AskOptions) => Promise<any>;
export interface AskOptions {
  method?: "GET" | "POST" | "DELETE";
  signal?: AbortSignal;
  /** What a press stands for: pressed again before it was answered, it has the same idempotency key. */
  press?: string;
}
export interface Refusal extends Error {
  /** The error's kind, such as `price_higher`; empty where the studio could not be reached. */
  kind: string;
  /** The answer's JSON. */
  answer: any;
}

/** Dates and times as the visitor's country writes them. Moments are seconds since 1970. */
export interface Dates {
  /** Day and time. */
  moment(at: number): string;
  /** Day alone, "Today" and "Yesterday" by name. */
  day(at: number): string;
  /** Time of day, with seconds. */
  time(at: number): string;
  /** A length as 1:05 or 1:02:03. */
  clock(seconds: number): string;
  /** "5 s" */
  seconds(seconds: number, digits?: number): string;
  /** A text of the server with a blank for the moment. */
  dated(text: { text: string; at?: number | null }): string;
}

/** Where in the page we are stands in the address: `#history?…`, `#job=<id>`, `#compare=<id>,<id>` (`&from=create`); else the forms. */
export interface Router {
  place(): { name: string; rest: string };
  /** Which area that belongs to: `create` or `history`. */
  area(): string;
  go(hash: string): void;
  /** Replaces the address and tells nobody. */
  replace(hash: string): void;
  onChange(listener: () => void): void;
}

/** A list of listeners. */
export interface Signal<T> {
  on(listener: (value: T) => void): () => void;
  emit(value: T): void;
}

/** How news come: by the stream; not at all; by asking, while a stream brings nothing. */
export type Connection = "live" | "away" | "held";

/** Why the page knows of other jobs: told anew after a time without news, changed, or asked for as older ones. */
export interface JobsChange {
  changed: JobView[];
  gone: string[];
  cause: "snapshot" | "news" | "older";
}

/** The visitor's newest jobs, kept up by the studio's stream. */
export interface Jobs {
  /** Newest first: those that were told or asked for. */
  list(): readonly JobView[];
  get(id: string): JobView | undefined;
  /** How many there are in all. */
  count(): number;
  /** Whether older ones can be asked for. */
  more(): boolean;
  loadOlder(): Promise<void>;
  /** The studio's time, seconds since 1970: its clock, not the visitor's. */
  now(): number;
  /** Does one of a job's `actions`; the answer's job is in the list then. */
  act(id: string, action: string, body?: unknown): Promise<JobView>;
  /** Takes jobs that an answer brought. */
  take(jobs: JobView[]): void;
  /** After any change: which jobs are new or other, and which are gone. */
  changed: Signal<JobsChange>;
  begun: Signal<JobView>;
  ended: Signal<JobView>;
  /** Entries of the library that were done something to. */
  amended: Signal<{ entries: EntryView[]; gone: string[] }>;
  /** Begins to listen; once all parts do. */
  start(): void;
  /** How the stream goes. */
  connection: Signal<Connection>;
}

export interface Forms {
  /** Whether a mode has a form. */
  has(mode: string): boolean;
  /** Opens the form of `settings.mode` and fills it in; kept once the form shows them. */
  use(settings: Settings): Promise<void>;
  /** What stands in the form of a mode. */
  current(mode: Mode): Settings;
  /** Brings a file of the visitor's into a form, which waits for it; others of a field that takes several stay. */
  bring(mode: Mode, field: string, make: () => Promise<{ sha256: string; name: string }>): Promise<void>;
  /** The mode whose form is open. */
  shown(): Mode;
  onShown: Signal<Mode>;
}

/** Why a form may not be sent yet: files on their way to it, settings that are being filled in. */
export interface Holds {
  hold(mode: Mode | "", text: string, options?: { field?: string; cancel?: () => void }): () => void;
  of(mode: Mode): Hold[];
  changed: Signal<void>;
}
export interface Hold {
  mode: Mode | "";
  text: string;
  field: string | undefined;
  cancel: () => void;
}

/** One line at the foot of the page, spoken too; what it offers can be had as long as it stands. */
export interface Notices {
  say(text: string, options?: { offer?: string; act?: () => void; seconds?: number; alert?: boolean }): void;
  /** For who listens only. */
  speak(text: string): void;
}

/** `blocked` by the browser, for a page in a frame by the page around it; `unsupported` where it knows none. */
export type NotificationState = "on" | "off" | "blocked" | "framed" | "unsupported";

/** The browser's notifications, which the visitor may want. */
export interface Notifications {
  state(): NotificationState;
  /** Whether the visitor has said yes or no; where not, the page may ask once. */
  asked(): boolean;
  /** Asks the browser, if it has to be; from a click alone. */
  enable(): Promise<NotificationState>;
  disable(): void;
  changed: Signal<void>;
  /** Tells of a job that ended, where that is wanted. */
  notify(job: JobView): void;
}

/** Where new videos are made: in test mode, or with accounts that cost money. */
export interface Accounts {
  /** As they were last told; null before they were. */
  view(): AccountsView | null;
  /** Other accounts, other credits. */
  changed: Signal<AccountsView>;
  /** Asks for them; `credits` has the clouds asked as well, which takes a moment. */
  load(options?: { credits?: boolean }): Promise<AccountsView>;
  /** Asks which there are, then what is left of them: names come at once, credits when the clouds have told them. */
  renew(): Promise<void>;
}

export interface Page {
  readonly language: string;
  readonly locale: string;
  readonly words: Words;
  readonly store: Store;
  readonly ask: Ask;
  readonly dates: Dates;
  readonly router: Router;
  readonly jobs: Jobs;
  readonly forms: Forms;
  readonly holds: Holds;
  readonly notices: Notices;
  readonly notifications: Notifications;
  readonly accounts: Accounts;
}

/** The settings of a form, a job, a preset: values by the names of the request's fields, files included. */
export type Settings = Record<string, any> & { mode?: string };
