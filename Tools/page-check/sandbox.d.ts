// What the sandbox's control routes answer, as far as the page shows it.

interface SandboxClock {
  now: number;
  speed: number;
  paused: boolean;
  reset?: boolean;
}

interface ListedCall {
  id: string;
  state: string;
  agentId: string | null;
  agentName: string | null;
  flowId: string;
  batchId: string | null;
  fromNumber: string;
  toNumber: string;
  createdAt: number;
  endedAt: number | null;
  outcome: string | null;
  error: string | null;
}

/** A listed call with everything that is known of it. */
interface WholeCall extends Partial<ListedCall> {
  status?: string;
  duration?: number | null;
  recorded?: boolean;
  callbackUrl?: string;
  timeline?: { state: string; at: number }[];
  transcript?: unknown;
  variables?: unknown;
  metadata?: unknown;
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

/** What one workspace holds, the newest first. */
interface WorkspaceHoldings {
  calls: ListedCall[];
  batches: ListedBatch[];
  agents: ListedAgent[];
  flows: ListedFlow[];
  numbers: ListedNumber[];
}

interface WorkspaceOverview extends WorkspaceHoldings {
  id: string;
  totals: Record<keyof WorkspaceHoldings, number>;
}

interface Overview {
  clock: SandboxClock;
  workspaces: WorkspaceOverview[];
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
  kind?: "mono" | "number";
}

/** What a drawer shows. Content whose mark stays the same is left as it is. */
interface Detail {
  title: string;
  content: (Shown | Shown[])[];
  mark?: unknown;
}
