// The figures of an edition, from its facts in the order of the stream.
import {
  ApplicationDecided, ApplicationReceived, ApplicationWithdrawn, CohortChanged, CohortFormed, HoursUsed,
  PairingEnded, PairingMade, ProjectProgressed, SessionHeld, TrophyAwarded,
} from "@essaim/contracts";
import type { Facts, Told } from "@essaim/contracts";

export interface Figures {
  applications: { received: number; selected: number };
  cohort: { projects: number };
  jobs_expected: { min: number; max: number };
  godparents: number;
  sessions: { held: Record<string, number> };
  mentoring: { hours_used: number };
  launch: { participants: number };
  trophies: { prizes_value_eur: number };
  statuses: Record<string, number>;
}

interface Jobs { jobs_min?: number | null; jobs_max?: number | null }

export function figuresOf(facts: Iterable<Pick<Told, "type" | "body">>): Figures {
  const applications = new Map<string, string>();
  const supported = new Set<string>();
  const jobs = new Map<string, { min: number; max: number }>();
  const godparents = new Map<string, string>();
  const held = new Map<string, Facts[typeof SessionHeld]>();
  const used = new Map<string, Facts[typeof HoursUsed]>();
  const trophies = new Map<string, Facts[typeof TrophyAwarded]>();
  const reports = new Map<string, Facts[typeof ProjectProgressed]>();

  function expect(project: string, { jobs_min: min, jobs_max: max }: Jobs): void {
    if (min != null && max != null) jobs.set(project, { min, max });
  }

  for (const one of facts as Iterable<Told>) {
    switch (one.type) {
      case ApplicationReceived:
        applications.set(one.body.application_id, "pending");
        break;
      case ApplicationDecided:
        if (applications.has(one.body.application_id)) applications.set(one.body.application_id, one.body.decision);
        break;
      case ApplicationWithdrawn:
        if (applications.has(one.body.application_id)) applications.set(one.body.application_id, "withdrawn");
        break;
      case CohortFormed:
        for (const project of one.body.projects) {
          supported.add(project.project_id);
          expect(project.project_id, project);
        }
        break;
      case CohortChanged:
        if (one.body.change === "joined") supported.add(one.body.project.project_id);
        else supported.delete(one.body.project.project_id);
        expect(one.body.project.project_id, one.body.project);
        break;
      case ProjectProgressed: {
        expect(one.body.project_id, one.body);
        const before = reports.get(one.body.project_id);
        if (!before || one.body.reported_on >= before.reported_on) reports.set(one.body.project_id, one.body);
        break;
      }
      case PairingMade:
        if (one.body.kind === "godparent") godparents.set(one.body.pairing_id, one.body.organisation_id);
        break;
      case PairingEnded:
        if (one.body.reason !== "programme_ended") godparents.delete(one.body.pairing_id);
        break;
      case SessionHeld:
        held.set(one.body.session_id, one.body);
        break;
      case HoursUsed:
        used.set(`${one.body.package_id}/${one.body.session_id}`, one.body);
        break;
      case TrophyAwarded:
        trophies.set(one.body.trophy_id, one.body);
        break;
    }
  }

  const projects = [...supported];
  const silent = projects.filter((id) => !reports.has(id)).map(() => "not_reported");
  const statuses = [...[...reports.values()].map((report) => report.status), ...silent];
  const mentoring = [...used.values()].filter((hours) => hours.kind === "mentoring");
  const launches = [...held.values()].filter((session) => session.kind === "launch_day");
  return {
    applications: {
      received: applications.size,
      selected: [...applications.values()].filter((state) => state === "selected").length,
    },
    cohort: { projects: supported.size },
    jobs_expected: {
      min: sum(projects, (id) => jobs.get(id)?.min ?? 0),
      max: sum(projects, (id) => jobs.get(id)?.max ?? 0),
    },
    godparents: new Set(godparents.values()).size,
    sessions: { held: tally([...held.values()].map((session) => session.kind)) },
    mentoring: { hours_used: sum(mentoring, (hours) => hours.minutes) / 60 },
    launch: { participants: sum(launches, (session) => session.participants) },
    trophies: {
      prizes_value_eur: sum(trophies.values(), (trophy) => sum(trophy.prizes, (prize) => prize.value_eur)),
    },
    statuses: tally(statuses),
  };
}

function sum<T>(values: Iterable<T>, amount: (value: T) => number): number {
  let total = 0;
  for (const value of values) total += amount(value);
  return total;
}

function tally(values: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
