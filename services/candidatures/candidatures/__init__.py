"""Programme, partners, people, calls, applications, committee, cohorts, deliverables, trophies."""
