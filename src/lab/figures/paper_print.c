/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three results beside the paper's values, for people. */
#include <stdio.h>

#include "lab/campaign/paper.h"
#include "lab/figures/paper_files.h"

static void print_table1(const struct plan *plan) {
	printf("Table 1: latency of send(), microseconds\n");
	printf("  %-28s %18s %8s   %s\n", "", "simulated", "paper", "role");
	for (unsigned i = 0; i < PAPER_CASES; i++) {
		const struct paper_case *c = &paper_cases[i];
		struct estimate e = paper_latency(plan, i);

		printf("  case %-2s %-7s %-12s %9.2f +- %5.2f %8.1f   %s\n", c->number, c->stack,
		       c->sop ? "with SOP" : "without SOP", e.value, e.ci95, c->paper_us, c->role);
	}
}

static void print_fig5(const struct plan *plan) {
	struct estimate e;
	unsigned offered;

	printf("\nFig. 5: throughput, requests/s\n  %9s", "offered");
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		printf("  %18s", paper_curves[c].label);
	printf("\n");
	for (unsigned i = 0; paper_point(plan, 0, i, &offered, &e); i++) {
		printf("  %9u", offered);
		for (unsigned c = 0; c < PAPER_CURVES; c++)
			if (paper_point(plan, c, i, &offered, &e))
				printf("  %9.1f +- %5.1f", e.value, e.ci95);
		printf("\n");
	}
	printf("  %9s", "plateau");
	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		e = paper_plateau(plan, c);
		printf("  %9.1f +- %5.1f", e.value, e.ci95);
	}
	printf("\n  %9s", "paper");
	for (unsigned c = 0; c < PAPER_CURVES; c++)
		printf("  %9.0f         ", paper_curves[c].paper_plateau);
	printf("\n");
}

static void print_fig6(const struct plan *plan) {
	printf("\nFig. 6: host CPU at the point where legacy TCP/IP saturates, %%\n");
	printf("  %-18s %7s %7s %16s %8s   %s\n", "", "user", "system", "total", "paper", "role");
	for (unsigned c = 0; c < PAPER_CURVES; c++) {
		struct estimate total = paper_cpu(plan, c, "total");

		printf("  %-18s %7.1f %7.1f %7.1f +- %5.1f %8.0f   %s\n", paper_curves[c].label,
		       paper_cpu(plan, c, "user").value, paper_cpu(plan, c, "system").value,
		       total.value, total.ci95, paper_curves[c].paper_total_pct,
		       paper_curves[c].role);
	}
}

/* Each role by itself: what was fitted or cannot fail is no evidence beside what was predicted. */
static void print_count(const struct claim claims[PAPER_CLAIMS], const char *role,
                        const char *name) {
	unsigned hold = 0, all = 0, open = 0;

	for (unsigned i = 0; i < PAPER_CLAIMS; i++)
		if (g_str_equal(claims[i].role, role)) {
			hold += claims[i].verdict == CLAIM_HOLDS;
			open += claims[i].verdict == CLAIM_UNDECIDED;
			all++;
		}
	printf("  %-37s %2u of %2u hold", name, hold, all);
	if (open)
		printf(", %u undecided", open);
	printf("\n");
}

static void print_claims(const struct plan *plan) {
	static const char *const words[] = {[CLAIM_HOLDS] = "holds",
	                                    [CLAIM_FAILS] = "DOES NOT HOLD",
	                                    [CLAIM_UNDECIDED] = "undecided"};
	struct claim claims[PAPER_CLAIMS];

	paper_claims(plan, claims);
	printf("\nThe paper's numbers\n");
	print_count(claims, "predicted", "predictions");
	print_count(claims, "calibrated", "numbers that were fitted");
	print_count(claims, "consistency", "consistency checks, which cannot fail");
	for (unsigned i = 0; i < PAPER_CLAIMS; i++) {
		const struct claim *c = &claims[i];

		printf("  %-30s %8.1f %9.2f +- %5.2f  (within %.1f)  %-11s  %s\n", c->name,
		       c->paper, c->simulated.value, c->simulated.ci95, c->tolerance, c->role,
		       words[c->verdict]);
	}
}

void paper_print(const struct plan *plan) {
	print_table1(plan);
	print_fig5(plan);
	print_fig6(plan);
	print_claims(plan);
}
