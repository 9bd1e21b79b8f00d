/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What did a reproduction find, for people and for programs? */
#include <math.h>
#include <stdio.h>

#include "lab/campaign/paper.h"
#include "lab/figures/paper_files.h"
#include "lab/figures/shares.h"

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
	printf("  %-38s %2u of %2u hold", name, hold, all);
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
	print_count(claims, "chosen", "numbers that the machine was chosen by");
	print_count(claims, "consistency", "consistency checks, which cannot fail");
	for (unsigned i = 0; i < PAPER_CLAIMS; i++) {
		const struct claim *c = &claims[i];

		printf("  %-30s %8.1f %9.2f +- %5.2f  (within %.1f)  %-11s  %s\n", c->name,
		       c->paper, c->simulated.value, c->simulated.ci95, c->tolerance, c->role,
		       words[c->verdict]);
	}
}

static struct shares *kept_shares(void) {
	g_autofree char *file = shares_kept("holds.csv");

	return shares_read(file);
}

void paper_print(const struct plan *plan) {
	struct shares *shares = kept_shares();

	print_table1(plan);
	print_fig5(plan);
	print_fig6(plan);
	print_claims(plan);
	shares_print(shares);
	shares_free(shares);
}

/* --- for programs ------------------------------------------------------------------------------ */

static void answer_table1(const struct plan *plan, struct answer *answer) {
	for (unsigned i = 0; i < PAPER_CASES; i++) {
		const struct paper_case *c = &paper_cases[i];
		struct estimate e = paper_latency(plan, i);
		const struct answer_more more[] = {
			{"paper", NULL, c->paper_us}, {"role", c->role, 0}, {NULL, NULL, 0}};

		answer_add(answer, &(struct answer_row){.of = "table1",
		                                        .config = c->config,
		                                        .measure = "latency",
		                                        .unit = "us",
		                                        .value = e.value,
		                                        .ci95 = e.ci95,
		                                        .more = more});
	}
}

static void answer_fig5(const struct plan *plan, struct answer *answer) {
	struct estimate e;
	unsigned offered;

	for (unsigned c = 0; c < PAPER_CURVES; c++)
		for (unsigned i = 0; paper_point(plan, c, i, &offered, &e); i++)
			answer_add(answer, &(struct answer_row){.of = "fig5",
			                                        .config = paper_curves[c].config,
			                                        .offered = offered,
			                                        .measure = "throughput",
			                                        .unit = "1/s",
			                                        .value = e.value,
			                                        .ci95 = e.ci95});
}

static void answer_fig6(const struct plan *plan, struct answer *answer) {
	static const char *const parts[] = {"user", "system", "total"};

	for (unsigned c = 0; c < PAPER_CURVES; c++)
		for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
			const double paper[] = {paper_curves[c].paper_user_pct,
			                        paper_curves[c].paper_system_pct,
			                        paper_curves[c].paper_total_pct};
			struct estimate e = paper_cpu(plan, c, parts[i]);
			const struct answer_more more[] = {{"paper", NULL, paper[i]},
			                                   {NULL, NULL, 0}};

			answer_add(answer, &(struct answer_row){.of = "fig6",
			                                        .config = paper_curves[c].config,
			                                        .measure = parts[i],
			                                        .unit = "%",
			                                        .value = e.value,
			                                        .ci95 = e.ci95,
			                                        .more = more});
		}
}

/* Names of claims end in the unit of their number. */
static const char *claim_unit(const char *name) {
	static const struct {
		const char *end, *unit;
	} units[] = {{"_us", "us"}, {"_rps", "1/s"}, {"_pct", "%"}};

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
		if (g_str_has_suffix(name, units[i].end))
			return units[i].unit;
	return "1";
}

static void answer_claims(const struct plan *plan, struct answer *answer) {
	struct claim claims[PAPER_CLAIMS];

	paper_claims(plan, claims);
	for (unsigned i = 0; i < PAPER_CLAIMS; i++) {
		const struct claim *c = &claims[i];
		const struct answer_more more[] = {{"paper", NULL, c->paper},
		                                   {"tolerance", NULL, c->tolerance},
		                                   {"role", c->role, 0},
		                                   {"verdict", claim_words[c->verdict], 0},
		                                   {NULL, NULL, 0}};

		answer_add(answer, &(struct answer_row){.of = "claim",
		                                        .measure = c->name,
		                                        .unit = claim_unit(c->name),
		                                        .value = c->simulated.value,
		                                        .ci95 = c->simulated.ci95,
		                                        .more = more});
	}
}

void paper_answer(const struct plan *plan, struct answer *answer) {
	struct shares *shares = kept_shares();

	answer_table1(plan, answer);
	answer_fig5(plan, answer);
	answer_fig6(plan, answer);
	answer_claims(plan, answer);
	shares_answer(shares, answer);
	shares_free(shares);
}
