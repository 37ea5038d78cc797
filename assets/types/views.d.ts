/* Made of the views in studio/web by `make types`: a change belongs there. */

/** Why nothing was done. */
export interface RefusalView {
  error: string;
  kind?: string;
  /** The inputs that it is about. */
  fields?: string[];
  /** When to ask again, where that is known: seconds since 1970, UTC. */
  again_at?: number;
  /** The sentence with a blank for it, so that the page can write it in the visitor's own time. */
  shown?: string;
}

/** What the stream tells of at a time. */
export interface NewsView {
  /** As they are now. */
  jobs: JobView[];
  /** Of all the visitor's jobs, where it may have changed. */
  count?: number;
  /** The jobs are the newest page: one between them that is not named is gone. */
  all?: boolean;
  /** What was done to in the library, as it is now. */
  amended?: EntryView[];
  /** The ids of those that are there no more. */
  gone?: string[];
  /** Seconds since 1970, UTC, by the studio's clock. */
  now: number;
}

/** A page of the jobs, newest first. */
export interface JobsView {
  jobs: JobView[];
  /** Whether there may be older ones. */
  more: boolean;
}

/** One line of a job's history. */
export interface EventView {
  /** Seconds since 1970, UTC. */
  at: number;
  /** A state of the job, or `task` with the provider's status in `detail`. */
  what: string;
  detail: Record<string, unknown>;
}

/** A job with its history. */
export interface JobHistoryView extends JobView {
  history: EventView[];
}

/** A task that may be that of an interrupted job. */
export interface ChoiceView {
  task_id: string;
  label: string;
  created_at: number | null;
}

/** A finished video and where to get it. */
export interface VideoView {
  url: string;
  download: string;
  poster: string | null;
  evidence: string;
  width: number;
  height: number;
  facts: string[];
  saved: string;
  bytes: number;
  sha256: string;
}

/** How long such jobs take from the press of the button to the saved video, in seconds. */
export interface UsualView {
  /** Half of them took at most so long. */
  half: number;
  /** Nine in ten did. */
  most: number;
}

/** A job. Times are seconds since 1970, UTC. */
export interface JobView {
  id: string;
  state: string;
  tone: "under-way" | "done" | "bad" | "unclear" | "over";
  label: string;
  note: string;
  /** While it is under way, and where enough such jobs have been seen. */
  usual: UsualView | null;
  mode: string;
  model: string;
  prompt: string;
  settings: Record<string, unknown>;
  chips: string[];
  cost: string;
  /** The same where there is little room. */
  cost_short: string;
  /** What the same would cost once more. */
  price: string;
  created_at: number;
  submitted_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  saved_at: number | null;
  not_before: number;
  task_id: string | null;
  request_id: string | null;
  task_status: string | null;
  fault: FaultView | null;
  video: VideoView | null;
  choices: ChoiceView[];
  actions: string[];
  /** Length of the video, or the one asked for; None where it follows the input. */
  seconds: number | null;
  /** A small picture of the first file it is made of. */
  thumbnail: string | null;
  favourite: boolean;
}

/** What is wrong, in words, and the provider's own. */
export interface FaultView {
  kind: string;
  what: string;
  concerns: string;
  charged: string;
  since: string;
  remedy: string;
  message: string;
  code: string | null;
  request_id: string | null;
  status: number | null;
}

/** One rule in words. */
export interface FindingView {
  rule: string;
  verdict: "pass" | "advice" | "disputed" | "refused";
  text: string;
  /** What a click on its fix does; empty when nothing fixes it, and when the file could not be sent then either. */
  fixes: Record<string, unknown>[];
  /** What that is, as its button says it. */
  label: string;
  /** What helps where no fix does; may be empty. */
  remedy: string;
}

/** All of a video's fixes together, with one length that it may get. */
export interface OfferView {
  seconds: number;
  fixes: Record<string, unknown>[];
  /** What the edit then costs, by resolution. */
  prices: Record<string, string>;
}

/** The price of a second. */
export interface RateView {
  /** A decimal number, to the last digit that the provider states. */
  amount: string;
  /** Of the currency, to stand before an amount in hundredths; empty where it has none. */
  sign: string;
  /** Stands behind the amount where there is no sign. */
  unit: string;
}

/** What a shorter copy of a video would save. Seconds. */
export interface TrimView {
  least: number;
  most: number;
  /** What comes out at most; the rest is billed for nothing. */
  keep: number;
  /** By resolution; billed are the seconds that go in and those that come out. */
  rates: Record<string, RateView>;
  /** Fixes that are needed beside any trim. */
  others: Record<string, unknown>[];
  /** The one that is worth its price first, then the longest that is allowed. */
  offers: OfferView[];
}

/** One way to bring a picture to its ratio. */
export interface FramingView {
  label: string;
  fix: Record<string, unknown>;
}

/** A file as its owner sees it: what it is, how it stands to the rules, what would mend it. */
export interface FileView {
  sha256: string;
  name: string;
  url: string | null;
  kind: "image" | "video";
  facts: string[];
  width: number;
  height: number;
  seconds: number | null;
  /** None for a picture that does not decode to its end. */
  thumbnail: string | null;
  verdict: "pass" | "advice" | "disputed" | "refused";
  findings: FindingView[];
  /** What "fix all" does. */
  fixes: Record<string, unknown>[];
  /** That, in words. */
  does: string[];
  /** What may stand in the place of its crop or pad; empty when its ratio is fine. */
  framings: FramingView[];
  trim: TrimView | null;
}

/** A line of what is answered while a copy is made: one of these. */
export interface MendingView {
  /** How much of it is made, 0 to 1. */
  part?: number;
  /** The copy. */
  file?: FileView;
  /** Why there is none. */
  error?: string;
}

/** A parameter of a model. Which of the keys there are follows its kind. */
export interface ParameterView {
  /** How its values are shown: ratios, segments, slider, switch. */
  look: string;
  default: string | number | boolean | null;
  options?: string[];
  min?: number;
  max?: number;
  /** For a value that not all sources list, the one that does. */
  disputed?: Record<string, string>;
}

/** What a provider takes as a prompt. */
export interface PromptView {
  required: boolean;
  max_units: number;
  /** How many of these units a CJK character is. */
  cjk_units: number;
  /** What becomes of one that is longer. */
  over: "cut" | "refused";
}

/** How a prompt names the images that go with it. */
export interface NamingView {
  /** What is written, with # for the number. */
  token: string;
  /** Which names become `[Image 1]` in the prompt that is sent. */
  rewrites: "nothing" | "marked" | "all";
  /** Whether there must be images, and so names of them. */
  required: boolean;
}

/** A model that the form can send to. */
export interface ModelView {
  id: string;
  version: string;
  parameters: Record<string, ParameterView>;
  seed_max: number;
  prompt: PromptView;
  naming: NamingView | null;
  /** The price of a second by resolution, in words. */
  rates: Record<string, string>;
}

/** A provider, and what its account sells for the mode, the newest model first. */
export interface ProviderView {
  id: string;
  name: string;
  /** Its account in words: the provider and its region. */
  account: string;
  models: ModelView[];
}

/** An input of files. */
export interface FormInputView {
  field: string;
  kind: "image" | "video";
  least: number;
  most: number;
  /** How the prompt names one of them, with # for its number; empty where it names none. */
  token: string;
}

/** Something that the form says. */
export interface LineView {
  kind: "missing" | "error" | "warning" | "facts";
  text: string;
  /** The input that it is about, or empty. */
  about: string;
  /** The moment that stands for a blank in the text, in seconds since 1970. */
  at?: number;
}

/** What is known of a form before it is sent. */
export interface EstimateView {
  /** As a press brings it along: `8.00 CNY`, or none. */
  price: string;
  /** In words: `¥8.00`; empty where no price is known. */
  amount: string;
  /** How it comes about. */
  sum: string;
  /** Whether it is charged. */
  live: boolean;
  /** Videos. */
  count: number;
  lines: LineView[];
}

/** A form as it is offered to a visitor. */
export interface FormView {
  mode: string;
  /** Begins the ids of its elements. */
  prefix: string;
  providers: ProviderView[];
  inputs: FormInputView[];
  variants: number[];
  /** Videos of one press. */
  most: number;
  /** Videos of one press that makes one of each of several pictures. */
  most_batch: number;
  /** Of the form as it is at first. */
  estimate: EstimateView;
}

/** A form filled in from settings of any time, program or person. */
export interface SettledView {
  values: Record<string, string | number | boolean | null>;
  files: Record<string, FileView[]>;
  /** What of the settings could not be had. */
  sentences: string[];
}

/** A column as the page draws it. */
export interface ColumnView {
  name: string;
  /** Key of what it is called. */
  label: string;
  kind: string;
  /** Empty, or the falling and the rising order. */
  sorts: string[];
}

/** A job in a list. Times are seconds since 1970, UTC. */
export interface EntryView {
  id: string;
  state: string;
  tone: "under-way" | "done" | "bad" | "unclear" | "over";
  label: string;
  mode: string;
  model: string;
  prompt: string;
  created_at: number;
  cost: string;
  length: string;
  /** Width to height: of the video, else as it was asked for, else of the input that it follows. */
  ratio: number;
  /** What stands in its row of the table, by column. */
  cells: Record<string, string | number>;
  poster: string | null;
  /** The video, for whoever wants to see it move. */
  preview: string | null;
  /** Why it did not become a video. */
  reason: string;
  favourite: boolean;
  tags: string[];
  ended: boolean;
}

/** A setting and its value in words. */
export interface SettingView {
  name: string;
  label: string;
  value: string;
}

/** A file that the job was made of. */
export interface InputView {
  label: string;
  name: string;
  kind: string;
  thumbnail: string;
  content: string;
}

/** One line of what happened when. */
export interface MomentView {
  at: number;
  label: string;
  details: [string, string][];
}

/** A file that the job made. */
export interface OutputFileView {
  name: string;
  url: string;
  bytes: number;
  sha256: string;
}

/** All that the job's page shows. */
export interface DetailView extends EntryView, JobView {
  account: string;
  /** The settings, in words. */
  listed: SettingView[];
  inputs: InputView[];
  timeline: MomentView[];
  estimate: string;
  billed: string;
  /** When the provider throws the result away, for one that is not here yet. */
  expires_at: number | null;
  files: OutputFileView[];
  /** Pictures a second of its video. */
  fps: number | null;
}

/** A file as a form's settings name it. */
export interface NamedFileView {
  sha256: string;
  name: string;
}

/** How a video was made from another. */
export interface LinkView {
  /** Id of the job that the file was taken from. */
  source: string;
  /** The input that the file is: `first_frame`, `references`, `video`. */
  field: string;
}

/** A job that another one was made from, or that was made from it. */
export interface RelativeView extends JobView {
  links: LinkView[];
}

/** What a job was made from, and what was made from it, the oldest first. */
export interface LineageView {
  ancestors: RelativeView[];
  /** Of the job itself. */
  links: LinkView[];
  descendants: RelativeView[];
}

/** Settings that fill a form in. */
export interface RestoredView {
  settings: Record<string, unknown>;
  /** On files that are not here. */
  note: string;
}

/** Some of the library's jobs. */
export interface HistoryPageView {
  jobs: EntryView[];
  /** What the next page is asked for with as `after`; None after the last. */
  next: string | null;
  /** All the visitor's, with the first page. */
  tags?: string[];
  /** How many there are, with the first page. */
  count?: number;
  /** False: there are more than `count`. */
  count_exact?: boolean;
}

/** Jobs that were asked for by their ids. */
export interface EntriesView {
  jobs: EntryView[];
}

/** A job's page, as of now. */
export interface JobPageView extends DetailView {
  /** Seconds since 1970, UTC, by the studio's clock. */
  now: number;
}

/** What was done to several jobs. */
export interface ChangedView {
  /** Those it was done to. */
  ids: string[];
}

/** An account for new jobs. */
export interface AccountView {
  provider: string;
  name: string;
  /** Those that are left, in words; None where it has none, or does not tell. */
  credits: string | null;
  /** Whether who asks may remove its key. */
  removable: boolean;
}

/** Where a key may be good. */
export interface RegionView {
  id: string;
  name: string;
  /** Whether the id of a workspace belongs to its keys. */
  workspace: "none" | "possible" | "needed";
}

/** A cloud that has no key here. */
export interface CloudView {
  id: string;
  name: string;
  /** Where a key is had. */
  where: string;
  /** Empty where there is but one. */
  regions: RegionView[];
}

/** How a key comes here. */
export interface AddingView {
  clouds: CloudView[];
  /** Whether who asks may add one in the page. */
  here: boolean;
  /** Where not, who does what instead. */
  otherwise: string;
}

/** Where new videos are made. */
export interface AccountsView {
  /** Whether they cost money. */
  live: boolean;
  accounts: AccountView[];
  adding: AddingView;
}

/** Whether an account's key is good. */
export interface KeyCheckView {
  good: boolean;
  text: string;
  /** The provider's own words on what is wrong, where they say more than the text. */
  said: string;
}

/** The jobs of a day, an account and a model. */
export interface LedgerLineView {
  /** Of UTC: `2026-11-30`. */
  day: string;
  /** The account, in words. */
  where: string;
  model: string;
  jobs: number;
  estimate: string;
  billed: string;
  /** What may have been charged or not; empty where nothing is open. */
  unknown: string;
}

/** The test runs of a day and a model. */
export interface TestLineView {
  day: string;
  model: string;
  jobs: number;
  /** What the cloud asks for the same videos. */
  price: string;
}

/** What was made in test mode, and so cost nothing. */
export interface TestRunsView {
  lines: TestLineView[];
  /** Empty where there are none. */
  sum: string;
}

/** What was spent lately. */
export interface LedgerView {
  lines: LedgerLineView[];
  /** One for each currency. */
  sums: string[];
  tests: TestRunsView;
  limits: LimitView[];
  period: string;
}

/** A limit as the panel shows it. */
export interface LimitView {
  text: string;
  /** Whether it is nearly taken. */
  near: boolean;
  /** What the blank `{at}` in the text stands for: seconds since 1970, UTC. */
  at: number | null;
}

/** Settings under a name, which the visitor has once for each mode. */
export interface PresetView {
  id: string;
  mode: string;
  name: string;
  /** Values by the names of the request's fields; None means the provider's default. */
  settings: Record<string, unknown>;
}

/** A file that a starting point gives. */
export interface StarterInputView {
  /** The request's field that takes it. */
  field: string;
  /** Address of a small picture of it. */
  picture: string;
}

/** What could come of a starting point, drawn by the studio: a short film without sound, as pictures. */
export interface ExampleView {
  /** Address of the animated picture. */
  moving: string;
  /** Address of its first frame. */
  still: string;
  /** Of its sides, such as `16:9`. */
  ratio: string;
}

/** A starting point. */
export interface StarterView {
  id: string;
  mode: string;
  prompt: string;
  inputs: StarterInputView[];
  example: ExampleView | null;
}

/** The starting points of all modes that the first screen shows. */
export interface StartersView {
  starters: StarterView[];
}

/** What the menu of a mode offers. */
export interface PresetsView {
  presets: PresetView[];
  starters: StarterView[];
  /** Characters of a preset's name. */
  longest: number;
}

/** Whether the studio knows the visitor. */
export interface KnownView {
  known: boolean;
}
