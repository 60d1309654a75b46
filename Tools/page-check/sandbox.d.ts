// What the sandbox's control routes answer, as far as the page shows it.

interface SandboxClock {
  now: number;
  speed: number;
  paused: boolean;
  reset?: boolean;
}

interface ListedCall {
  sequence: number;
  id: string;
  state: string;
  agentId: string | null;
  agentName: string | null;
  flowId: string;
  batchId: string | null;
  fromNumber: string;
  toNumber: string;
  isWeb: boolean;
  createdAt: number;
  endedAt: number | null;
  outcome: string | null;
  error: string | null;
}

/** A call with everything that is known of it. */
interface WholeCall {
  id: string;
  workspaceId: string;
  agentId: string;
  flowId: string;
  batchId: string | null;
  fromNumber: string;
  toNumber: string;
  status: string;
  createdAt: number;
  endedAt: number | null;
  duration: number | null;
  outcome: string | null;
  error: string | null;
  recorded: boolean;
  callbackUrl: string | null;
  timeline: { state: string; at: number }[];
  transcript: unknown;
  /** What became of the talk with a caller of a test. */
  conversation?: unknown;
  variables: unknown;
  metadata: unknown;
}

interface ListedBatch {
  id: string;
  agentId: string | null;
  agentName: string | null;
  status: string;
  waiting: number;
  active: number;
  completed: number;
  failed: number;
  cancelled: number;
  total: number;
  createdAt: number;
  scheduledAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
}

interface ListedAgent {
  id: string;
  name: string | null;
  llmModel: string | null;
  voiceProvider: string | null;
  voiceId: string | null;
  numbers: string[];
  activeCalls: number;
  createdAt: number;
}

interface ListedFlow {
  id: string;
  name: string | null;
  agentId: string | null;
  agentName: string | null;
  direction: string | null;
  welcomeMessage: string | null;
  prompt: string | null;
  isActive: boolean;
  updatedAt: number;
}

interface ListedNumber {
  id: string;
  number: string;
  agentId: string | null;
  agentName: string | null;
  createdAt: number;
}

interface WholeBatch extends ListedBatch {
  workspaceId: string;
  columns: string[];
  fromNumber: string;
  flowId: string;
  reasons: { reason: string; calls: number }[];
}

/** A row of a batch's file. */
interface BatchRow {
  id: string;
  row: number;
  status: string;
  toNumber: string;
  attempts: number;
  callId: string | null;
  error: string | null;
}

interface WholeAgent {
  id: string;
  document: Record<string, unknown>;
  numbers: string[];
  calls: number;
  flows: { id: string; name: string | null }[];
}

interface WholeFlow {
  id: string;
  document: Record<string, unknown>;
  agentId: string | null;
  agentName: string | null;
}

interface CallCounts {
  total: number;
  queued: number;
  ringing: number;
  talking: number;
  successful: number;
  failed: number;
}

/** How much of everything a workspace has. */
interface Summary {
  clock: SandboxClock;
  workspaces: string[];
  totals: Record<string, number>;
  calls: CallCounts;
}

/** What does not change while the sandbox runs. */
interface About {
  version: string;
  baseUrl: string;
  apiKey: string | null;
  routes: string;
  operations: string[];
}

interface PlotFigures {
  since: number;
  width: number;
  now: number;
  queued: number[];
  ringing: number[];
  talking: number[];
  successful: number[];
  failed: number[];
}

interface ContactProblem {
  row: number;
  column?: string;
  value?: string;
  message: string;
}

/** What is right and wrong in a file of contacts. */
interface ContactReport {
  valid: boolean;
  totalRows: number;
  validRows: number;
  invalidRows: number;
  columns: string[];
  errors: ContactProblem[];
  warnings: ContactProblem[];
}

interface JournalEntry {
  sequence: number;
  at: number;
  requestId: string;
  operation: string | null;
  method: string;
  path: string;
  status: number | null;
  milliseconds: number;
  fault: string | null;
  curl: string;
  requestHeaders?: Record<string, string>;
  requestBody?: string;
  answerBody?: string;
}

interface Journal {
  entries: JournalEntry[];
  last: number;
  kept: number;
}

interface DeliveryAttempt {
  at: number;
  milliseconds: number;
  status: number | null;
  error: string | null;
}

interface Delivery {
  id: string;
  event: string;
  workspaceId: string;
  callId: string | null;
  url: string;
  status: string;
  fault: string | null;
  at: number;
  dueAt: number | null;
  attempts: DeliveryAttempt[];
  body: string;
  signature: string;
}

interface FaultRule {
  id: number;
  operation: string;
  fault: string;
  skip: number;
  probability: number;
  remaining: number | null;
  applied: number;
}

/** What can be put on the page: elements and texts; null is left out. */
type Shown = Node | string | number | null | undefined;

/** A column of a table. */
interface Column<Item> {
  title: string;
  /** Anything that shows by its JSON text whether a cell has changed. */
  mark(item: Item): unknown;
  /** What the cell shows, if that is not the mark. */
  content?(item: Item): Shown | Shown[];
  /** The cell's class. */
  kind?: "mono" | "number" | "whole";
  /** What a list can be sorted by. */
  sort?: string;
  /** Below the title: what the times of the column are. */
  unit?: string;
  /** A track of a grid. */
  width?: string;
  /** Its place where there is little room; absent or 0 where it is then left out. */
  phone?: number;
}

/** A part of a list, and how long the whole list is. */
interface Part<Item> {
  entries: Item[];
  total: number;
  /** How many have come that are not in the list, because somebody reads it. */
  newer?: number;
  last?: number;
}

/** What a list is of. */
interface ListKind<Item> {
  name: string;
  columns: Column<Item>[];
  key(item: Item): string | number;
  load(offset: number, limit: number, upTo: number | null): Promise<Part<Item> | null>;
  /** What is said where there is nothing. */
  empty(): Shown[];
  counted?(part: Part<Item>): void;
  countText?(part: Part<Item>): string;
  sortBy?(sort: string): void;
  /** Whether rows stay where they are while somebody reads further down. */
  isSteady?: boolean;
}

/** What a tab shows. */
interface Panel {
  show(): Promise<void>;
  refresh(): Promise<void>;
  /** Moves the focus into the list. */
  enter(): void;
  /** Opens one of the list. */
  open?(identifier: string): void;
}

/** What a drawer shows. Content whose mark stays the same is left as it is. */
interface Detail {
  title: string;
  content: (Shown | Shown[])[];
  mark?: unknown;
}
